"""The dated values that campaigns, their sign-ups and their public numbers go by."""

from campaigns.rules import DELAY, DELAY_DAYS, FORGET_DAYS, HOLD_HOURS
from core.i18n import lazy as _l
from core.parameters import Parameter

PARAMETERS = (
    Parameter(
        name=HOLD_HOURS,
        default=48,
        meaning=_l("报名后多少小时内没有确认，名额就让给别人"),
        unit=_l("小时"),
        source=_l("本产品的设计"),
        mark="D",
    ),
    Parameter(
        name=FORGET_DAYS,
        default=30,
        meaning=_l("没有确认的报名，过期多少天后删除"),
        unit=_l("天"),
        source=_l("个人信息保护法第十九条：保存期限为最短时间"),
        mark="D",
    ),
    Parameter(
        name=DELAY_DAYS,
        default=DELAY.days,
        meaning=_l("与孩子有关的数字推迟多少天公布，不少于 14 天"),
        unit=_l("天"),
        source=_l("本产品的设计"),
        mark="D",
    ),
)
