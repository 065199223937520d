"""The dated values that say what is asked for beside what everybody needs."""

from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter

_OWN = _l("本站设计：从哪天起要，由中心决定；快到那天时，缺的人会先收到提醒")
PARAMETERS = (
    Parameter(
        "volunteers.references_days",
        3 * 365,
        _l("推荐人意见最长有效多少天"),
        _l("天"),
        _OWN,
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "volunteers.interview_days",
        3 * 365,
        _l("面谈最长有效多少天"),
        _l("天"),
        _OWN,
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        "volunteers.asks_references",
        0,
        _l("上岗是否须有推荐人意见：1 须有，0 不须有"),
        "",
        _OWN,
        "D",
        Stricter.HIGHER,
    ),
    Parameter(
        "volunteers.asks_interview",
        0,
        _l("上岗是否须面谈：1 须有，0 不须有"),
        "",
        _OWN,
        "D",
        Stricter.HIGHER,
    ),
    Parameter(
        "volunteers.asks_student_status",
        0,
        _l("大学的志愿者是否须证明在读：1 须有，0 不须有"),
        "",
        _OWN,
        "D",
        Stricter.HIGHER,
    ),
)
