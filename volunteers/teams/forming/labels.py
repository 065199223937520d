"""Why two people are proposed as a pair, and why somebody is not, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import _
from core.i18n import lazy as _l
from volunteers.teams.forming.rules import Fate, Near, State, Why

STATES = {
    State.QUEUED: _l("等着开始"),
    State.WORKING: _l("正在算"),
    State.READY: _l("算好了"),
    State.CANCELLED: _l("已取消"),
    State.FAILED: _l("没有算成"),
    State.EXPIRED: _l("已过期"),
}
TONES = {
    State.QUEUED: "info",
    State.WORKING: "info",
    State.READY: "ok",
    State.CANCELLED: "",
    State.FAILED: "danger",
    State.EXPIRED: "",
}
FATES = {
    Fate.OPEN: _l("等您决定"),
    Fate.ACCEPTED: _l("已成组"),
    Fate.REFUSED: _l("不合适"),
    Fate.OUTDATED: _l("情况变了"),
}
FATE_TONES = {Fate.OPEN: "", Fate.ACCEPTED: "ok", Fate.REFUSED: "", Fate.OUTDATED: "warn"}
WHAT_TO_DO = {
    Why.NOT_CLEARED: _l("手续今天不齐，先去补办"),
    Why.FULL: _l("愿意陪伴的孩子数已经满了"),
    Why.NO_FREE_TIME: _l("没有填每周空闲时间，请本人在“我的资料”里填"),
    Why.ALONE: _l("没有别人在找小组"),
}
WHYS = {
    Why.NOT_CLEARED: _l("手续今天不齐"),
    Why.FULL: _l("陪伴的孩子已满"),
    Why.NO_FREE_TIME: _l("没有填空闲时间"),
    Why.NO_TIME: _l("没有共同的空闲时间"),
    Why.TOO_FAR: _l("离得太远"),
    Why.TOGETHER: _l("已经在一组"),
    Why.REFUSED: _l("配对曾被否决"),
    Why.ALONE: _l("没有别人在找小组"),
    Why.OTHERS: _l("合适的人和别人更合适"),
}
"""Each reason in short, for sums."""
POINTS = (
    ("pair", _l("两个人成组")),
    ("time", _l("共同的时间")),
    ("woman", _l("有女性")),
    ("distance", _l("离得近")),
    ("experience", _l("新老搭配")),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a pair's points, in words."""

    text: str
    points: int


def reasons(keys: Iterable[str]) -> list[Reason]:
    """Return a pair's reasons; each key is `what:number:points`."""
    return [_reason(*key.split(":")) for key in keys]


def _reason(what: str, number: str, points: str) -> Reason:
    many = int(number)
    said = {
        "time": lambda: _("每周一起有空 %(hours)s 小时", hours=_hours(many)),
        "break": lambda: _("寒暑假每周一起有空 %(hours)s 小时", hours=_hours(many)),
        "woman": lambda: _("有女性") if many else _("两位都是男性，不能看望女孩"),
        "experience": lambda: _("一位有经验，一位刚开始") if many else _("经验差不多"),
        Near.SCHOOL: lambda: _("同一所学校或组织"),
        Near.UNIVERSITY: lambda: _("同一所大学的不同校区"),
        Near.COUNTY: lambda: _("在同一个县"),
        Near.TILES: lambda: _("地图上相隔 %(n)d 格", n=many),
        Near.UNKNOWN: lambda: _("不知道相隔多远"),
    }
    return Reason(said[what](), int(points))


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def why(reason: Why, many: int) -> str:
    """Return why somebody has no partner; nobody else is named."""
    said = {
        Why.NO_TIME: lambda: _("和 %(n)d 个人都没有够长的共同空闲时间", n=many),
        Why.TOO_FAR: lambda: _("离 %(n)d 个人都太远", n=many),
        Why.TOGETHER: lambda: _("和 %(n)d 个找小组的人已经在一组", n=many),
        Why.REFUSED: lambda: _("和 %(n)d 个人配对曾被否决", n=many),
        Why.OTHERS: lambda: _("有 %(n)d 个人合适，但他们和别人更合适", n=many),
    }
    return said[reason]() if reason in said else str(WHAT_TO_DO[reason])


def points_of(figures: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the most points of each part, as they held when a run was made."""
    return [(str(name), int(figures["points"][key])) for key, name in POINTS]
