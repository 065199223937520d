"""At how many hours there is a medal: a dated list a centre may change."""

from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from volunteers.medals.queries import STEPS, STEPS_NAME

PARAMETERS = (
    Parameter(
        STEPS_NAME,
        list(STEPS),
        _l("服务满多少小时有一枚服务奖章"),
        _l("小时"),
        _l("100 小时起按注册志愿者星级（一星到五星），50 小时是本站设计"),
        "R",
        Stricter.NO_MATTER,
    ),
)
