"""Which days each view of the calendar shows. Nothing here reads a clock or a database."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.zone import CHINA
from visits.rules import PlaceKind, State

DAY = timedelta(days=1)
AGENDA_DAYS = 14
HOURS = range(8, 19)
"""The hours of the week's grid; what begins earlier or later stands in the first or last."""


class View(StrEnum):
    AGENDA = "agenda"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the visits is shown; as the address has it."""

    state: State | None = None
    county_id: int | None = None
    township_id: int | None = None
    place: PlaceKind | None = None
    mine: bool = False

    def args(self) -> dict[str, str]:
        """Return what the address says of it; nothing where everything is shown."""
        said = {
            "state": self.state,
            "county": self.county_id,
            "township": self.township_id,
            "place": self.place,
            "mine": 1 if self.mine else None,
        }
        return {name: str(value) for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Span:
    """The days a view shows, both ends included, and the day the views around it stand on."""

    first: date
    last: date
    before: date
    after: date

    @property
    def days(self) -> list[date]:
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]


def span_of(view: View, day: date) -> Span:
    """Return what a view shows that stands on a day: whole weeks, Monday first, or two weeks on."""
    if view is View.AGENDA:
        return Span(
            day, day + (AGENDA_DAYS - 1) * DAY, day - AGENDA_DAYS * DAY, day + AGENDA_DAYS * DAY
        )
    if view is View.WEEK:
        monday = day - day.weekday() * DAY
        return Span(monday, monday + 6 * DAY, monday - 7 * DAY, monday + 7 * DAY)
    first = day.replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(day.year, day.month)
    before, after = (first - DAY).replace(day=1), (first + 31 * DAY).replace(day=1)
    return Span(weeks[0][0], weeks[-1][-1], before, after)


def hour_of(moment: datetime) -> int:
    """Return in which hour of the week's grid something stands."""
    return min(max(moment.astimezone(CHINA).hour, HOURS[0]), HOURS[-1])
