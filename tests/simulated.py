"""What must be in the inboxes, said anew in plain words of the rules (domain.md §3).

It shares no line with the reminders of the site: it hears what was done to a visit and when the
site worked, and tells which message must exist and what became of it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHINA = ZoneInfo("Asia/Shanghai")
SENT, EXPIRED, TAKEN_BACK, WAITS = "sent", "expired", "cancelled", "pending"
REPLACED, UNKNOWN = "superseded", "unknown"
NIGHT, MORNING, EVENING = time(21, 30), time(8), time(20, 30)


@dataclass(frozen=True)
class Pass:
    """When the site worked, and how far it came; a broken run settled only what was too late.

    `inbox`: the site's own inbox was served. `whole`: all else was, too. A process that went in
    the middle had `handed` some messages over, and took with it what became of those `lost`.
    """

    at: datetime
    inbox: bool = True
    whole: bool = True
    handed: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Said:
    """A message that must exist: its key, from when until when it may be said.

    From `replaced` on a later reminder takes its place. `at_once`: it does not mind the night.
    """

    key: str
    due: datetime
    until: datetime
    made: datetime
    survives: bool = False
    replaced: datetime | None = None
    at_once: bool = False

    @property
    def outside(self) -> bool:
        return self.key.endswith("/external")

    def waits_at(self, moment: datetime) -> bool:
        """Whether somebody is asleep whom it would wake, and the morning is early enough."""
        name = self.key.split("/")[2]
        disturbs = self.outside and not self.at_once
        return disturbs and by_day(name, moment, self.until, moment) > moment


@dataclass
class Life:
    """What happened to one visit: its message rows so far, with the end of each generation.

    `reached` are those of its people who have an address outside the site.
    """

    uid: str
    writer: int
    people: frozenset[int]
    start: datetime
    lasts: timedelta
    reached: frozenset[int] = frozenset()
    version: int = 1
    rows: list[tuple[Said, datetime | None]] = field(default_factory=list)

    def say(
        self,
        name: str,
        person: int,
        said: tuple[datetime, datetime, datetime],
        *,
        at_once: bool = False,
    ) -> None:
        """Add a message in the inbox and one outside: `said` is due, until and made.

        Outside there are nights, but for what has to be heard `at_once`.
        """
        due, until, made = said
        key = f"visit/{self.uid}/{name}/{person}/{self.version}"
        survives = name == "visit_cancelled"
        self.rows.append((Said(f"{key}/inapp", due, until, made, survives), None))
        if person in self.reached:
            goes = due if at_once else by_day(name, due, until, made)
            replaced = self._two_hours_before(made) if name == "t2d" else None
            out = Said(f"{key}/external", goes, until, made, survives, replaced, at_once)
            self.rows.append((out, None))

    def _two_hours_before(self, made: datetime) -> datetime:
        """Tell when the last reminder leaves: nobody needs the one before it then."""
        due = self.start - 2 * HOUR
        return by_day("t2h", max(due, made), self.start - HOUR / 3, made)


def by_day(name: str, due: datetime, until: datetime, made: datetime) -> datetime:
    """Tell when a message leaves the site: in the morning, or the evening before if that is late.

    The last reminder is of no use later than an hour and a half before the start.
    """
    due = max(due, made)
    local = due.astimezone(CHINA)
    if MORNING <= local.time() < NIGHT:
        return due
    day = local.date() + (DAY if local.time() >= NIGHT else timedelta())
    morning = datetime.combine(day, MORNING, CHINA)
    latest = until - (70 * HOUR / 60 if name == "t2h" else timedelta())
    moved = morning if morning < latest else datetime.combine(day - DAY, EVENING, CHINA)
    return moved if moved >= made else due


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
                life.say(name, person, (due, until, now))


def changed(
    life: Life, kind: str, now: datetime, passes: Sequence[Pass], *, start: datetime | None = None
) -> bool:
    """End the generation before a change, correct what was told, and tell whether it was.

    `start` is the new one of a visit that was moved.
    """
    old = life.start
    told = any(fate(row, ended, passes, now) in {SENT, UNKNOWN} for row, ended in life.rows)
    life.rows = [(row, ended or now) for row, ended in life.rows]
    life.version += 1
    life.start = start or old
    if told:
        near = min(old, life.start) - now < 12 * HOUR
        for person in life.people:
            life.say(kind, person, (now, max(old, now) + HOUR, now), at_once=near)
    return told


def fate(row: Said, ended: datetime | None, passes: Sequence[Pass], now: datetime) -> str:
    """Tell what has become of a message, given when the site worked."""
    first = bisect_left(passes, max(row.due, row.made), key=lambda one: one.at)
    for one in passes[first:]:
        if one.at > now or (ended is not None and one.at >= ended and not row.survives):
            break
        if one.at >= row.until:
            return EXPIRED
        if row.replaced is not None and one.at >= row.replaced:
            return REPLACED
        if row.waits_at(one.at):
            continue
        if row.key in one.lost:
            return UNKNOWN
        if one.whole or (one.inbox and not row.outside) or row.key in one.handed:
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
