"""What must be in the inboxes, said anew in plain words of the rules (domain.md §3).

It shares no line with the reminders of the site: it hears what was done to a visit and when the
site worked, and tells which message must exist and what became of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHINA = ZoneInfo("Asia/Shanghai")
SENT, EXPIRED, TAKEN_BACK, WAITS = "sent", "expired", "cancelled", "pending"
Pass = tuple[datetime, bool]
"""When the site worked, and whether it came to the end: else it only gave up what was too late."""


@dataclass(frozen=True)
class Said:
    """A message that must exist: its key, from when until when it may be said."""

    key: str
    due: datetime
    until: datetime
    made: datetime
    survives: bool = False


@dataclass
class Life:
    """What happened to one visit: its message rows so far, with the end of each generation."""

    uid: str
    writer: int
    people: frozenset[int]
    start: datetime
    lasts: timedelta
    version: int = 1
    rows: list[tuple[Said, datetime | None]] = field(default_factory=list)


def reminders(life: Life) -> Iterable[tuple[str, datetime, datetime, Iterable[int]]]:
    """Tell (name, due, until, to whom) of a plan as the rules say it."""
    start, end = life.start, life.start + life.lasts
    seven = datetime.combine(start.astimezone(CHINA).date() - 7 * DAY, time(10), CHINA)
    yield "t7d", seven, start - 2 * DAY, life.people
    yield "t2d", start - 2 * DAY, start - 3 * HOUR, life.people
    yield "t2h", start - 2 * HOUR, start - HOUR / 3, life.people
    yield "due1", end + DAY, end + 2 * DAY, [life.writer]
    yield "due2", end + 2 * DAY, end + 3 * DAY, [life.writer]


def planned(life: Life, now: datetime, *, only_later: bool = False) -> None:
    """Add what a new plan has to say; after somebody was told, only what is still to come."""
    for name, due, until, people in reminders(life):
        if until > now and not (only_later and due <= now):
            for person in people:
                key = f"visit/{life.uid}/{name}/{person}/{life.version}/inapp"
                life.rows.append((Said(key, due, until, now), None))


def changed(life: Life, kind: str, now: datetime, passes: Sequence[Pass]) -> bool:
    """End the generation before a change, correct what was told, and tell whether it was."""
    old = life.start
    told = any(fate(row, ended, passes, now) == SENT for row, ended in life.rows)
    life.rows = [(row, ended or now) for row, ended in life.rows]
    life.version += 1
    if told:
        for person in life.people:
            key = f"visit/{life.uid}/{kind}/{person}/{life.version}/inapp"
            until = max(old, now) + HOUR
            life.rows.append((Said(key, now, until, now, kind == "visit_cancelled"), None))
    return told


def fate(row: Said, ended: datetime | None, passes: Sequence[Pass], now: datetime) -> str:
    """Tell what has become of a message, given when the site worked."""
    for moment, whole in passes:
        if moment < max(row.due, row.made) or moment > now:
            continue
        if ended is not None and moment >= ended and not row.survives:
            break
        if moment >= row.until:
            return EXPIRED
        if whole:
            return SENT
    return TAKEN_BACK if ended is not None else WAITS


def differences(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """Say in words how two outboxes differ, key by key."""
    keys = sorted(expected.keys() | found.keys())
    return [
        f"{key}: expected {expected.get(key, 'nothing')}, found {found.get(key, 'nothing')}"
        for key in keys
        if expected.get(key) != found.get(key)
    ]
