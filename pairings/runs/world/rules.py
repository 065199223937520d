"""From what the site knows to what matching may know. Nothing here reads a clock or a database."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from children.rules import Need
from pairings.matching.model import Code, Factor, Policy, Steps, Tables
from pairings.rules import (
    AGAINST_ONE,
    OVER,
    PARTED_BADLY,
    DeclineReason,
    EndReason,
    Stage,
)
from volunteers.rules import Slot

T = TypeVar("T")
PART = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)", re.ASCII)
SKILLED = frozenset(Need) - {Need.COMPANY, Need.WARM_CLOTHES, Need.FAMILY_CALL}
"""Needs somebody has to be able to do something for; any two adults bring company."""
ENDLESS = date(9999, 12, 31)
NEVER = date(1, 1, 1)
SINCE = date(2026, 9, 1)
"""From when the declared figures hold, where nobody has set others."""
DAY, MOST_PARTS = 24 * 60, 8


@dataclass(frozen=True, slots=True)
class Rest:
    """For how many days a child is left in peace once a pairing is over, by why it ended."""

    days: int
    after_no: int
    after_safety: int

    def since(self, on: date, ended: EndReason | None) -> date:
        """Return the first day on which a pairing may have ended for its child to rest still."""
        longer = {EndReason.SAFEGUARDING: self.after_safety} | dict.fromkeys(
            PARTED_BADLY - {EndReason.SAFEGUARDING}, self.after_no
        )
        days = max(self.days, longer.get(ended, 0)) if ended else self.days
        return on - timedelta(days=max(0, min(days, 999)))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run is made with: the policy, and what of the site's rules shapes its world."""

    policy: Policy
    parts: tuple[tuple[int, int], ...]
    """The parts of a day, in minutes after midnight: each is one weekly slot a weekday."""
    reach: int
    rough: int
    most_children: int
    rest: Rest
    cleared_days: int
    """How long clearance has to hold on: whoever's runs out later is renewed in time."""

    @property
    def middles(self) -> tuple[tuple[int, int], ...]:
        """Return when a child has to be free: long enough for a visit, in the middle of a part.

        Whoever is free for the whole part then has the way there before and back after, as long
        as both fit into it at all.
        """
        visit = self.policy.visit_minutes
        return tuple(
            ((start + end - visit) // 2, (start + end - visit) // 2 + visit)
            if end - start > visit
            else (start, end)
            for start, end in self.parts
        )


def figures(
    values: Mapping[str, Any], since: date, between: Collection[tuple[int, int]]
) -> Figures:
    """Return the dated values as figures; what nobody can read counts as it was declared."""
    plain = Policy(Tables(since.isoformat(), since))
    parts = _or(lambda: parts_of(values["pairings.parts"]), DEFAULT_PARTS)
    least = int(values["pairings.least_minutes"])
    base, risk, day, days = _numbers(values["pairings.urgency_points"], (3000, 1500, 2, 400))
    policy = Policy(
        tables=tables(values, since),
        fewest_adults=max(2, int(values["pairings.fewest_adults"])),
        training_for_risk=_numbers(values["pairings.training_for_risk"], (1, 1, 1, 1)),
        slot_minutes=tuple(end - start for start, end in parts) * 7,
        visit_minutes=max(least, int(values["pairings.visit_minutes"])),
        metres_a_minute=max(1, int(values["pairings.metres_a_minute"])),
        detour_percent=max(100, int(values["pairings.detour_percent"])),
        most_losses=int(values["pairings.most_losses"]),
        strict=plain.strict,
        base_points=base,
        risk_points=risk,
        day_points=day,
        most_days=days,
        overdue_days=int(values["pairings.overdue_days"]),
        between=tuple(sorted(between)),
    )
    return Figures(
        policy=policy,
        parts=parts,
        reach=int(values["pairings.reach_minutes"]),
        rough=max(0, int(values["pairings.rough_metres"])),
        most_children=int(values["volunteers.most_children"]),
        rest=Rest(
            int(values["pairings.rest_days"]),
            int(values["pairings.rest_days_after_no"]),
            int(values["pairings.rest_days_after_safety"]),
        ),
        cleared_days=max(0, min(int(values["pairings.cleared_days"]), 999)),
    )


def tables(values: Mapping[str, Any], since: date) -> Tables:
    plain = Tables(since.isoformat(), since)
    needs, dialect, age, known, inertia = _numbers(
        values["pairings.factor_points"],
        (plain.needs, plain.dialect, plain.age, plain.continuity, plain.inertia),
    )
    return Tables(
        version=since.isoformat(),
        since=since,
        distance=_steps(values["pairings.distance_points"], plain.distance),
        needs=needs,
        slots=_steps(values["pairings.slot_points"], plain.slots),
        training=_steps(values["pairings.training_points"], plain.training),
        dialect=dialect,
        experience=_steps(values["pairings.experience_points"], plain.experience),
        age=age,
        continuity=known,
        inertia=inertia,
    )


def _or(made: Callable[[], T], otherwise: T) -> T:
    try:
        return made()
    except (TypeError, ValueError, AttributeError):
        return otherwise


def _numbers(given: Any, plain: tuple[int, ...]) -> tuple[int, ...]:
    ok = isinstance(given, list) and len(given) == len(plain)
    return tuple(given) if ok and all(type(one) is int and one >= 0 for one in given) else plain


def _steps(given: Any, plain: Steps) -> Steps:
    """Read `bound:points`, bounds rising."""

    def read() -> Steps:
        rows = [tuple(int(part) for part in str(row).split(":")) for row in given]
        if not rows or any(len(row) != 2 or min(row) < 0 for row in rows) or rows != sorted(rows):
            raise ValueError("not rising bounds with points")
        return tuple((bound, points) for bound, points in rows)

    return _or(read, plain)


def steps_text(steps: Steps) -> list[str]:
    """Return a table as its parameter has it."""
    return [f"{bound}:{points}" for bound, points in steps]


def parts_of(given: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Return parts of a day from texts like `09:00-12:00`. Raises ValueError."""
    found = []
    for text in given:
        read = PART.fullmatch(text)
        if read is None:
            raise ValueError(text)
        hour, minute, to_hour, to_minute = (int(one) for one in read.groups())
        found.append((hour * 60 + minute, to_hour * 60 + to_minute))
    flat = [moment for part in found for moment in part]
    if not 0 < len(found) <= MOST_PARTS or flat != sorted(flat) or flat[-1] > DAY:
        raise ValueError("parts of a day follow each other")
    if any(start == end for start, end in found):
        raise ValueError("a part of a day lasts")
    return tuple(found)


DEFAULT_PARTS = parts_of(["09:00-12:00", "13:30-16:30", "16:30-18:00"])


def bits_of(free: Iterable[Slot], parts: Sequence[tuple[int, int]]) -> int:
    """Return the weekly slots that are free from beginning to end; the stretches touch nowhere."""
    found = 0
    for slot in free:
        for place, (start, end) in enumerate(parts):
            if slot.start <= start and end <= slot.end:
                found |= 1 << slot.weekday * len(parts) + place
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """A pairing that is over or was declined, and whose people were in its team then."""

    team: int
    people: frozenset[int]
    stage: Stage
    declined: DeclineReason | None
    ended: EndReason | None
    recent: bool
    """Whether it ended so lately that the child rests: they had met."""

    @property
    def badly(self) -> bool:
        return self.stage in {Stage.DECLINED, Stage.TERMINATED_SAFEGUARDING} or (
            self.stage in OVER and self.ended in PARTED_BADLY
        )

    @property
    def about_one(self) -> bool:
        """Whether the no may be about one of the two people: then one of them is enough."""
        return self.declined in AGAINST_ONE or self.ended in PARTED_BADLY

    @property
    def code(self) -> Code:
        if self.declined is DeclineReason.RELATED:
            return Code.CONFLICT
        return Code.FORBIDDEN if self.stage is Stage.DECLINED else Code.ENDED


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came before, for one child, as the engine takes it."""

    known: frozenset[int]
    against: tuple[tuple[int, Code], ...]
    resting: bool


def earlier(
    past: Iterable[Past], teams: Mapping[int, frozenset[int]], of: Mapping[int, Collection[int]]
) -> Earlier:
    """Return which of today's teams a child knows, and which a no stands against.

    `teams` are today's people by team, `of` the teams by person. A no is about people, not about a
    team's name (pairings.candidates.earlier says the same in SQL).
    """
    rows = list(past)
    against: dict[int, Code] = {}
    known = {one.team for one in rows if one.stage in OVER and one.ended is EndReason.TERM_OVER}
    for one in rows:
        if not one.badly:
            continue
        near = {team for person in one.people for team in of.get(person, ())} | {one.team}
        for team in sorted(near & teams.keys()):
            shared = len(one.people & teams[team])
            if team == one.team or shared >= (1 if one.about_one else 2):
                against.setdefault(team, one.code)
    recent = [one for one in rows if one.recent]
    if recent:
        goes_on = [{team for person in one.people for team in of.get(person, ())} for one in recent]
        known = set.intersection(*goes_on)
    return Earlier(frozenset(known & teams.keys()), tuple(sorted(against.items())), bool(recent))


def reasons(points: Iterable[tuple[Factor, int]]) -> tuple[str, ...]:
    """Return the points of a pair as keys that a pairing keeps; what gives none is left out."""
    return tuple(f"points:{factor}:{many}" for factor, many in points if many)
