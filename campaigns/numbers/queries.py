"""What has been counted, as far as it may be told today."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from campaigns.counties.queries import County
from campaigns.models import Slot
from campaigns.numbers.models import DayCount
from campaigns.numbers.rules import Figures
from campaigns.rules import (
    ABOUT_CHILDREN,
    DELAY,
    DELAY_DAYS,
    Cell,
    Measure,
    Table,
    map_step,
    publishable,
)
from campaigns.seats.rules import KEPT
from campaigns.signups.models import SignUp
from core import clock
from core.db import db
from core.parameters import value_on
from core.zone import CHINA

Counts = dict[Measure, dict[int, int]]


def may_be_told() -> ColumnElement[bool]:
    """Return the condition that a count is old enough: what concerns children waits."""
    return or_(DayCount.measure.not_in(ABOUT_CHILDREN), DayCount.day <= clock.today() - delay())


def delay() -> timedelta:
    """Return how late numbers that concern children are told."""
    return max(DELAY, timedelta(days=int(value_on(DELAY_DAYS, clock.today()))))


def by_county(campaign_id: int) -> Counts:
    """Return a campaign's counts by measure and county, those that may be told today."""
    rows = db.session.execute(
        select(DayCount.measure, DayCount.county_id, func.sum(DayCount.count))
        .where(DayCount.campaign_id == campaign_id, may_be_told())
        .group_by(DayCount.measure, DayCount.county_id)
    )
    found: Counts = defaultdict(dict)
    for measure, county_id, total in rows:
        found[measure][county_id] = int(total)
    return found


def published(counts: Counts, measure: Measure, county_ids: Iterable[int]) -> Table:
    """Return the public table of a measure: every county has its row, minutes become hours."""
    told: Mapping[int, int] = counts.get(measure, {})
    unit = 60 if measure is Measure.MINUTES else 1
    return publishable({county_id: told.get(county_id, 0) // unit for county_id in county_ids})


@dataclass(frozen=True, slots=True)
class Line:
    """What a county has reached, as its line of the public table says; None is not told."""

    county: str
    joined: int
    pairings: int | None
    visits: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a campaign has reached so far: live for volunteers, late and rounded for the rest."""

    joined: int
    pairings: int | None
    visits: int | None
    hours: int | None
    lines: Sequence[Line]
    tiles: Sequence[tuple[int, int, str, str, int]]
    """Column, row, name, text and shade of each county on the schematic map."""
    of_pairings: bool
    """Whether the map shows pairings; before there are enough of them, it shows volunteers."""

    @property
    def begun(self) -> bool:
        """Whether any number about children may be told yet."""
        return bool(self.pairings or self.visits)


def progress(campaign_id: int, counties: Sequence[County]) -> Progress:
    """Return what the public may know of a campaign."""
    return progress_of(figures(campaign_id, [county.id for county in counties]), counties)


def figures(campaign_id: int, county_ids: Sequence[int]) -> Figures:
    """Return the public numbers of a campaign in those counties, as of today."""
    counts = by_county(campaign_id)
    return Figures(
        joined=counts[Measure.VOLUNTEERS],
        pairings=published(counts, Measure.PAIRINGS, county_ids),
        visits=published(counts, Measure.VISITS, county_ids),
        hours=published(counts, Measure.MINUTES, county_ids).total,
    )


def progress_of(told: Figures, counties: Sequence[County]) -> Progress:
    """Return public numbers as the pages show them; a county without any has none to tell."""
    ids, joined = [county.id for county in counties], told.joined
    pairings, visits, nothing = told.pairings, told.visits, Cell(None)
    of_pairings = any(cell.shown for cell in pairings.cells.values())
    shades = {
        one: pairings.cells.get(one, nothing).shown if of_pairings else joined.get(one, 0)
        for one in ids
    }
    return Progress(
        joined=sum(joined.values()),
        pairings=pairings.total.shown,
        visits=visits.total.shown,
        hours=told.hours.shown,
        lines=[
            Line(
                county.name,
                joined.get(county.id, 0),
                pairings.cells.get(county.id, nothing).shown,
                visits.cells.get(county.id, nothing).shown,
            )
            for county in counties
        ],
        tiles=_tiles(counties, shades),
        of_pairings=of_pairings,
    )


def _tiles(
    counties: Sequence[County], values: Mapping[int, int | None]
) -> list[tuple[int, int, str, str, int]]:
    """Return the counties that have a place on the schematic map; none for a single county."""
    placed = [(county, county.tile) for county in counties if county.tile]
    most = max((values[county.id] or 0 for county, _tile in placed), default=0)
    if len(placed) < 2:
        return []
    return [
        (*tile, county.name, _said(values[county.id]), map_step(values[county.id], most))
        for county, tile in placed
    ]


def _said(value: int | None) -> str:
    return "—" if value is None else str(value)


def of_all(county_ids: Iterable[int]) -> dict[Measure, int]:
    """Return what all campaigns have reached together.

    The volunteers as they are; the rest as the sum of what each campaign's page publishes, so
    that no suppressed number of one campaign can be worked out from the others.
    """
    rows = db.session.execute(
        select(DayCount.campaign_id, DayCount.measure, DayCount.county_id, func.sum(DayCount.count))
        .where(may_be_told())
        .group_by(DayCount.campaign_id, DayCount.measure, DayCount.county_id)
    )
    each: dict[int, Counts] = defaultdict(lambda: defaultdict(dict))
    for campaign_id, measure, county_id, total in rows:
        each[campaign_id][measure][county_id] = int(total)
    areas = list(county_ids)
    sums = dict.fromkeys(Measure, 0)
    for counts in each.values():
        sums[Measure.VOLUNTEERS] += sum(counts[Measure.VOLUNTEERS].values())
        for measure in ABOUT_CHILDREN:
            sums[measure] += published(counts, measure, areas).total.shown or 0
    return sums


def joined_by_day() -> dict[tuple[int, int, date], int]:
    """Return from the sign-ups themselves how many joined, by campaign, county and day.

    Whoever joins two slots of a campaign counts once, where and when they joined first.
    """
    rows = db.session.execute(
        select(Slot.campaign_id, SignUp.person_id, Slot.county_id, SignUp.confirmed_at)
        .join(Slot, Slot.id == SignUp.slot_id)
        .where(SignUp.state.in_(KEPT), SignUp.person_id.is_not(None))
        .order_by(SignUp.confirmed_at, SignUp.id)
    )
    first: dict[tuple[int, int | None], tuple[int, int, date]] = {}
    for campaign_id, person_id, county_id, at in rows:
        first.setdefault((campaign_id, person_id), (campaign_id, county_id, _day(at)))
    found: dict[tuple[int, int, date], int] = defaultdict(int)
    for key in first.values():
        found[key] += 1
    return dict(found)


def joined_first(campaign_id: int, person_id: int, *, but: int = 0) -> tuple[int, date] | None:
    """Return the county and day that somebody counts for in a campaign; None when for none.

    `but` is a sign-up that is left out.
    """
    row = db.session.execute(
        select(Slot.county_id, SignUp.confirmed_at)
        .join(Slot, Slot.id == SignUp.slot_id)
        .where(
            Slot.campaign_id == campaign_id,
            SignUp.person_id == person_id,
            SignUp.state.in_(KEPT),
            SignUp.id != but,
        )
        .order_by(SignUp.confirmed_at, SignUp.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    return row.county_id, _day(row.confirmed_at)


def _day(moment: datetime | None) -> date:
    return moment.astimezone(CHINA).date() if moment else date.min
