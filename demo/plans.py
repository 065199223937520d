"""On which days the teams visit, and in which half of the day: nobody is in two places at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from demo.world import Match, Term, World, shared_out
from pairings.rules import BEGUN, OVER, VISITABLE, Stage
from places.days.models import CalendarDay
from places.days.rules import DayKind

DAY, WEEK, STORY = timedelta(days=1), timedelta(days=7), timedelta(days=24)
"""The last weeks of the sign-ins' own team are told in demo.story."""
PLANNED_AHEAD = 14
PLANNED_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Planned:
    """One visit to be; `place` counts the visits of the match from 0."""

    match: Match
    term: Term
    day: date
    afternoon: bool
    place: int = 0


class Diary:
    """Who is where on which half day, and on which days school is in class all the same."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._taken: set[tuple[int, date, bool]] = set()
        self._at_school = set(
            world.session.scalars(
                select(CalendarDay.day).where(CalendarDay.kind == DayKind.MAKEUP_WORKDAY)
            )
        )

    def weekends(self, match: Match, first: date, last: date) -> list[date]:
        """Return the days of the team's weekday in a stretch, both ends included."""
        day = first + timedelta(days=(match.weekday - first.weekday()) % 7)
        found = []
        while day <= last:
            if self.open(day) and match.term_on(day):
                found.append(day)
            day += WEEK
        return found

    def open(self, day: date) -> bool:
        return day not in self._at_school

    def plan(
        self, match: Match, day: date, *, place: int = 0, afternoon: bool | None = None
    ) -> Planned | None:
        """Take half of a day for everybody of a visit; None when neither is free for all."""
        term, first = match.term_on(day), self._world.chance(0.5)
        people = [member.person_id for member in match.crew.members]
        people.append(match.kid.village.director)
        for half in [first, not first] if afternoon is None else [afternoon]:
            keys = {(person_id, day, half) for person_id in people}
            if term and self.open(day) and not keys & self._taken:
                self._taken |= keys
                return Planned(match, term, day, half, place)
        return None


def past(world: World, diary: Diary, wanted: int) -> Iterator[Planned]:
    """Yield about that many visits of the past, shared out by how long a match has gone on."""
    begun = [match for match in world.matches if match.stage in BEGUN | OVER]
    days = [
        diary.weekends(
            match,
            match.terms[0].starts_on + timedelta(days=3),
            min(match.ended_on or world.today, world.today - (STORY if match.story else DAY)),
        )
        for match in begun
    ]
    shares = shared_out(wanted, [float(len(found)) for found in days])
    for match, found, share in zip(begun, days, shares, strict=True):
        chosen = sorted(world.rng.sample(found, min(len(found), max(2, share))))
        place = 0
        for day in chosen:
            planned = diary.plan(match, day, place=place)
            if planned:
                yield planned
                place += 1


def ahead(world: World, diary: Diary, latest: dict[int, date]) -> Iterator[Planned]:
    """Yield visits of the coming days, at least a week after the child's latest one."""
    for match in world.matches:
        if match.story or match.stage not in VISITABLE:
            continue
        if match.stage is not Stage.SCHEDULED_INTRO and not world.chance(PLANNED_SHARE):
            continue
        first = max(
            world.today + timedelta(days=2),
            latest.get(match.kid.id, date.min) + WEEK,
            match.terms[-1].starts_on,
        )
        until = min(world.today + timedelta(days=PLANNED_AHEAD), match.terms[-1].ends_on)
        for day in diary.weekends(match, first, until)[:1]:
            planned = diary.plan(match, day)
            if planned:
                yield planned
