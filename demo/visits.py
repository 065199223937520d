"""Visits over three years, what became of them, and those of the coming days."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from campaigns.numbers.models import DayCount
from campaigns.rules import Measure
from core.zone import CHINA
from demo import names
from demo.holds import Taken
from demo.plans import Diary, Planned, ahead, past
from demo.reminders import remind
from demo.story import story_visits
from demo.world import Helper, World
from visits.models import Party, Visit
from visits.records.models import VisitRecord
from visits.rules import CancelReason, Mood, PartyRole, PlaceKind, State, served
from volunteers.hours.models import HourEntry

OUTCOMES = {State.APPROVED: 88.0, State.CANCELLED: 7.0, State.NO_SHOW: 5.0}
"""domain.md §7; its 2 % overdue have become visits that nobody came to."""
LENGTHS = (60, 75, 90, 105, 120, 135, 150)
PLACES = {
    PlaceKind.STATION: 45.0,
    PlaceKind.CHILDREN_HOUSE: 35.0,
    PlaceKind.LIBRARY: 12.0,
    PlaceKind.HOME: 8.0,
}
TEXTS = {
    PlaceKind.STATION: names.PLACES[:2],
    PlaceKind.CHILDREN_HOUSE: names.PLACES[2:3],
    PlaceKind.LIBRARY: names.PLACES[3:],
    PlaceKind.HOME: ("孩子家中，照料人在场",),
}
REASONS = {
    CancelReason.VOLUNTEER: 35.0,
    CancelReason.WEATHER: 25.0,
    CancelReason.GUARDIAN: 25.0,
    CancelReason.CHILD: 10.0,
    CancelReason.HOLIDAY: 5.0,
}
MOODS = {Mood.GREAT: 35.0, Mood.GOOD: 50.0, Mood.SO_SO: 13.0, Mood.BAD: 2.0}
OVERRUN = timedelta(minutes=60)
CHUNK = 3_000
CONFIRMED_WITHIN = timedelta(days=5)


def visit(world: World) -> None:
    """Add the visits of every pairing."""
    log, diary = _Log(world), Diary(world)
    story = story_visits(world, diary)
    for planned, state in story.before:
        log.add(planned, state)
    for planned in past(world, diary, world.size.visits - world.size.pairings // 3):
        log.add(planned, _outcome(world, planned))
    for planned, state in story.now:
        log.add(planned, state, starts_at=story.starts_at if planned.day == world.today else None)
    for planned in ahead(world, diary, log.latest):
        near = planned.day - world.today <= CONFIRMED_WITHIN and world.chance(0.7)
        log.add(planned, State.CONFIRMED if near else State.PLANNED)
    log.count()


def _outcome(world: World, planned: Planned) -> State:
    """Return what became of a past visit; the first made the pairing active."""
    if planned.place == 0:
        return State.APPROVED
    state = world.weighted(OUTCOMES)
    days = (world.today - planned.day).days
    if state is State.APPROVED and days <= 3:
        return world.rng.choice((State.COMPLETED, State.RECORDED))
    if state is State.APPROVED and days <= 9 and world.chance(0.4):
        return State.RECORDED
    return state


class _Log:
    """Adds visits with everything that belongs to them, and counts them for the campaigns."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._counts: Counter[tuple[int, Measure, int, date]] = Counter()
        self._since_flush = 0
        self._taken = Taken(world)
        self.latest: dict[int, date] = {}

    def add(self, planned: Planned, state: State, *, starts_at: datetime | None = None) -> None:
        world, match = self._world, planned.match
        starts_at = starts_at or _start(world, planned)
        ends_at = starts_at + timedelta(minutes=_length(world, starts_at, planned))
        visit_id, uid = self._row(planned, state, starts_at=starts_at, ends_at=ends_at)
        came = state in {State.COMPLETED, State.RECORDED, State.APPROVED}
        minutes = self._parties(planned, visit_id, (starts_at, ends_at), came=came)
        self._taken.add(planned, visit_id, state, (starts_at, ends_at))
        if state in {State.RECORDED, State.APPROVED}:
            self._record(planned, visit_id, ends_at, approved=state is State.APPROVED)
        if state is State.APPROVED:
            self._credit(planned, uid, minutes, ends_at)
        remind(world, match, state, visit=(visit_id, uid), span=(starts_at, ends_at))
        if state not in {State.CANCELLED, State.NO_SHOW}:
            self.latest[match.kid.id] = max(planned.day, self.latest.get(match.kid.id, date.min))
        self._since_flush += 1
        if self._since_flush % CHUNK == 0:
            world.bulk.flush()

    def count(self) -> None:
        for (campaign_id, measure, county_id, day), count in sorted(self._counts.items()):
            self._world.bulk.add(
                DayCount,
                campaign_id=campaign_id,
                measure=measure,
                county_id=county_id,
                day=day,
                count=count,
            )

    def _row(
        self, planned: Planned, state: State, *, starts_at: datetime, ends_at: datetime
    ) -> tuple[int, str]:
        world, village = self._world, planned.match.kid.village
        uid, kind = world.bulk.secret(16), world.weighted(PLACES)
        made = world.past(min(planned.day, world.today) - timedelta(days=world.rng.randint(7, 10)))
        off = min(starts_at - timedelta(hours=world.rng.randint(5, 60)), world.now)
        visit_id = world.bulk.add(
            Visit,
            uid=uid,
            pairing_id=planned.term.id,
            county_id=village.county_id,
            township_id=village.township_id,
            village_id=village.id,
            starts_at=starts_at,
            ends_at=ends_at,
            place_kind=kind,
            place_text=world.rng.choice(TEXTS[kind]),
            state=state,
            guardian_agreed=state is not State.PLANNED or kind is PlaceKind.HOME,
            planned_by_id=planned.match.crew.members[0].person_id,
            planned_at=made,
            cancelled_at=max(made, off) if state is State.CANCELLED else None,
            cancel_reason=world.weighted(REASONS) if state is State.CANCELLED else None,
        )
        return visit_id, uid

    def _parties(
        self, planned: Planned, visit_id: int, span: tuple[datetime, datetime], *, came: bool
    ) -> list[tuple[Helper, int]]:
        """Add who takes part; return the minutes that each member served."""
        world, served_minutes = self._world, []
        for helper in planned.match.crew.members:
            times = _times(world, span) if came else (None, None)
            world.bulk.add(
                Party,
                visit_id=visit_id,
                person_id=helper.person_id,
                volunteer_id=helper.id,
                role=PartyRole.MEMBER,
                checked_in_at=times[0],
                checked_out_at=times[1],
            )
            if times[0] and times[1]:
                minutes = served(times[0], times[1], span[1], OVERRUN)
                served_minutes.append((helper, minutes))
        times = _times(world, span) if came else (None, None)
        world.bulk.add(
            Party,
            visit_id=visit_id,
            person_id=planned.match.kid.village.director,
            role=PartyRole.ESCORT,
            checked_in_at=times[0],
            checked_out_at=times[1],
        )
        return served_minutes

    def _record(
        self, planned: Planned, visit_id: int, ends_at: datetime, *, approved: bool
    ) -> None:
        world, rng = self._world, self._world.rng
        written = min(ends_at + timedelta(hours=rng.randint(1, 40)), world.now)
        present = world.chance(0.98)
        yes: dict[str, Any] = {}
        if approved:
            at = min(written + timedelta(hours=rng.randint(3, 90)), world.now)
            yes = {"approved_by_id": planned.match.kid.village.supervisor, "approved_at": at}
        world.bulk.add(
            VisitRecord,
            visit_id=visit_id,
            number=1,
            child_present=present,
            mood=world.weighted(MOODS) if present else None,
            did=rng.choice(names.ACTIVITIES) if present else "孩子临时不在，和照料人说了几句话。",
            parcel=rng.choice(names.PARCELS),
            concern=world.chance(0.004),
            recorded_by_id=planned.match.crew.members[0].person_id,
            recorded_at=written,
            **yes,
        )

    def _credit(
        self, planned: Planned, uid: str, served_minutes: list[tuple[Helper, int]], at: datetime
    ) -> None:
        edition, county = planned.term.edition, planned.match.kid.county
        day = at.astimezone(CHINA).date()
        for helper, minutes in served_minutes:
            self._world.bulk.add(
                HourEntry,
                volunteer_id=helper.id,
                minutes=minutes,
                served_on=day,
                source="visit",
                source_ref=uid,
                approved_by_id=planned.match.kid.village.supervisor,
                credited_at=min(at + timedelta(days=4), self._world.now),
            )
        self._counts[edition.id, Measure.VISITS, county.id, day] += 1
        total = sum(minutes for _helper, minutes in served_minutes)
        self._counts[edition.id, Measure.MINUTES, county.id, day] += total


def _start(world: World, planned: Planned) -> datetime:
    if planned.afternoon:
        return world.at(planned.day, 13, world.rng.choice((30, 45)))
    return world.at(planned.day, 9, world.rng.choice((0, 15, 30)))


def _length(world: World, starts_at: datetime, planned: Planned) -> int:
    """Return the minutes of a visit: at lunch and before dark everybody is on the way home."""
    local = starts_at.astimezone(CHINA)
    limit = (16 * 60 + 30 if local.hour >= 12 else 12 * 60) - local.hour * 60 - local.minute
    return min(world.rng.choice(LENGTHS), max(60, limit))


def _times(world: World, span: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """Return when somebody came and went, a few minutes around what was planned."""
    came = span[0] + timedelta(minutes=world.rng.randint(-12, 4))
    return came, max(came, span[1] + timedelta(minutes=world.rng.randint(-8, 9)))
