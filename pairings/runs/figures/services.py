"""The dated values that a matching is made with: what a bureau sees and changes."""

from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from pairings.matching.model import Policy, Tables
from pairings.runs.world.rules import SINCE, steps_text

_OWN = _l("本产品的设计")
_POINTS, _MINUTES = _l("分"), _l("分钟")
_PLAIN = Policy(Tables(SINCE.isoformat(), SINCE))


def _figure(name: str, default: object, meaning: str, unit: str = "") -> Parameter:
    return Parameter(f"pairings.{name}", default, meaning, unit, _OWN, "D", Stricter.NO_MATTER)


_TABLES = _PLAIN.tables
PARAMETERS = (
    _figure("reach_minutes", 90, _l("小组单程最远走多少分钟"), _MINUTES),
    _figure("metres_a_minute", _PLAIN.metres_a_minute, _l("路上每分钟走多少米"), _l("米")),
    _figure("detour_percent", _PLAIN.detour_percent, _l("路程是直线距离的百分之多少"), "%"),
    _figure(
        "rough_metres",
        8000,
        _l("只知道在哪个县时，位置可能偏差多少米，计入路程"),
        _l("米"),
    ),
    _figure(
        "parts",
        ["09:00-12:00", "13:30-16:30", "16:30-18:00"],
        _l("一天分成哪几段：志愿者整段有空、孩子在当中有空才算"),
    ),
    _figure("visit_minutes", _PLAIN.visit_minutes, _l("一次走访要多少分钟，路上另计"), _MINUTES),
    _figure("season", "term", _l("现在按学期（term）还是寒暑假（break）的空闲时间配对")),
    Parameter(
        "pairings.training_for_risk",
        [1, 1, 1, 1],
        _l("四档风险各要求几级培训：1 完成上岗培训，2 另有一次、3 另有两次按约定陪伴到期"),
        _l("级"),
        _OWN,
        "D",
        Stricter.NEITHER,
    ),
    Parameter(
        "pairings.cleared_days",
        30,
        _l("结对时手续至少还要有效多少天，期满前另行提醒复查"),
        _l("天"),
        _OWN,
        "D",
        Stricter.HIGHER,
    ),
    _figure("overdue_days", _PLAIN.overdue_days, _l("等了多少天以上最优先"), _l("天")),
    Parameter(
        "pairings.most_losses",
        _PLAIN.most_losses,
        _l("孤儿一年内失去几位陪伴者后，只再安排熟悉的小组"),
        _l("次"),
        "domain.md §3.8",
        "D",
        Stricter.LOWER,
    ),
    _figure("distance_points", steps_text(_TABLES.distance), _l("路程各得几分：分钟:分"), _POINTS),
    _figure("slot_points", steps_text(_TABLES.slots), _l("共同的时段各得几分：段数:分"), _POINTS),
    _figure(
        "training_points",
        steps_text(_TABLES.training),
        _l("培训高出要求几级各得几分：级:分"),
        _POINTS,
    ),
    _figure(
        "experience_points",
        steps_text(_TABLES.experience),
        _l("小组成立几年各得几分：年:分"),
        _POINTS,
    ),
    _figure(
        "factor_points",
        [_TABLES.needs, _TABLES.dialect, _TABLES.age, _TABLES.continuity, _TABLES.inertia],
        _l("满分：需要、方言、年龄段、陪伴过、上次已提出"),
        _POINTS,
    ),
    _figure(
        "urgency_points",
        [_PLAIN.base_points, _PLAIN.risk_points, _PLAIN.day_points, _PLAIN.most_days],
        _l("有人陪伴的基本分、每档风险、每等一天的分，最多计多少天"),
    ),
    _figure("weekly_run", [1, 6], _l("每周几、几点自动配对一次：星期（1 是周一）、小时；空的不配")),
    _figure("proposal_days", 7, _l("自动配对提出的结对几天后过期"), _l("天")),
)
