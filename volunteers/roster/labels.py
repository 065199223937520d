"""Lists and clearance in words: what a page shows of each row, made before the page is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.db import AnyRow
from core.i18n import _
from core.i18n import lazy as _l
from core.show import day, moment
from volunteers.labels import EVIDENCE, HISTORY, SEXES, STATUS_TONES, STATUSES
from volunteers.models import Evidence
from volunteers.roster.rules import Tab
from volunteers.rules import Clearance, EvidenceKind, Outcome, Status

TABS = {
    Tab.ALL: _l("全部"),
    Tab.APPLIED: _l("办理中"),
    Tab.READY: _l("可以上岗"),
    Tab.LACKING: _l("手续不全"),
    Tab.ACTIVE: _l("服务中"),
    Tab.EXPIRING: _l("快到期"),
    Tab.EXPIRED: _l("已过期"),
    Tab.SUSPENDED: _l("已暂停"),
    Tab.HITS: _l("有记录待决定"),
    Tab.PAUSED: _l("休息中"),
    Tab.EXITED: _l("已退出"),
    Tab.BARRED: _l("不适合参加"),
}
GONE = frozenset({Status.BARRED, Status.EXITED})


@dataclass(frozen=True, slots=True)
class Line:
    """One volunteer in a list."""

    uid: str
    name: str
    number: str
    org: str
    status: str
    tone: str
    lacking: str
    """Which kinds do not hold today; a hit is not told from what is merely missing."""
    minutes: int


def lines(
    rows: Sequence[AnyRow],
    clearances: Mapping[int, Clearance],
    minutes: Mapping[int, int],
) -> list[Line]:
    """Return the rows of a list in words; every word is looked up once, not once a row."""
    statuses = {status: str(label) for status, label in STATUSES.items()}
    kinds = {kind: str(label) for kind, label in EVIDENCE.items()}
    profile, comma = _("资料"), _("、")
    found = []
    for row in rows:
        held = clearances[row.id]
        open_ = {*held.missing, *held.expired, *held.hits}
        missing = [label for kind, label in kinds.items() if kind in open_]
        if row.sex is None or row.birth_year is None:
            missing.insert(0, profile)
        found.append(
            Line(
                uid=row.uid,
                name=row.name,
                number=row.number,
                org=row.org,
                status=statuses[row.status],
                tone=STATUS_TONES[row.status],
                lacking="" if row.status in GONE else comma.join(missing),
                minutes=minutes.get(row.id, 0),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of evidence as the clearance panel shows it."""

    kind: EvidenceKind
    title: str
    word: str
    tone: str
    when: str


def panel(
    counting: Mapping[EvidenceKind, Evidence],
    needed: Collection[EvidenceKind],
    today: date,
    soon: date,
) -> list[Check]:
    """Return how each kind recorded by hand stands today; what ends by `soon` is a warning.

    What is not asked for stands there only when somebody has recorded it.
    """
    shown = {*needed, *counting} - {EvidenceKind.STUDENT}
    return [
        Check(kind, str(title), *_standing(counting.get(kind), today, soon))
        for kind, title in EVIDENCE.items()
        if kind in shown
    ]


def _standing(entry: Evidence | None, today: date, soon: date) -> tuple[str, str, str]:
    if entry is None:
        return _("还没有"), "danger", ""
    until = entry.valid_until
    dates = day(entry.dated) if until is None else f"{day(entry.dated)} – {day(until)}"
    if entry.outcome is Outcome.HIT:
        return _("有记录，待决定"), "danger", dates
    if until is None:
        return _("有效"), "ok", dates
    if until < today:
        return _("已过期"), "danger", dates
    if until <= soon:
        left = (until - today).days
        return _("%(n)d 天后到期", n=left) if left else _("今天到期"), "warn", dates
    return _("有效"), "ok", dates


def about(row: AnyRow) -> str:
    """Return what tells one candidate for a team from another."""
    parts = [
        str(SEXES[row.sex]) if row.sex else "",
        row.org_text,
        _("已在 %(n)d 个小组", n=row.teams) if row.teams else _("还没有小组"),
    ]
    return " · ".join(part for part in parts if part)


def told(history: Iterable[AnyRow]) -> list[tuple[str, str, str]]:
    """Return what happened as (when, what, who and why)."""
    found = []
    for at, action, fields, reason, who in history:
        kinds = [str(EVIDENCE[EvidenceKind(one)]) for one in fields if one in set(EvidenceKind)]
        what = _("：").join([str(HISTORY.get(action, action)), *kinds])
        found.append((moment(at), what, " · ".join(filter(None, [who or _("系统自动"), reason]))))
    return found
