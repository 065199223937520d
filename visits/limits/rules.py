"""The figures that plans are judged by. Nothing here reads a clock or a database."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from visits.groups.rules import Ratio


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures the rules use: dated parameters, never constants (domain.md §8)."""

    notice: timedelta
    shortest: timedelta
    longest: timedelta
    first: time
    last: time
    winter_months: frozenset[int]
    winter_last: time
    after_school: time
    terms: tuple[tuple[date, date], ...]
    travel: timedelta
    days_between: int
    fewest_adults: int
    exams: tuple[tuple[date, date], ...] = ()
    ratio: Ratio = field(default_factory=Ratio)

    def last_on(self, day: date) -> time:
        """Return when a visit has to be over: early in winter, when it is dark and snows."""
        return self.winter_last if day.month in self.winter_months else self.last

    def in_term(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.terms)

    def in_exams(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.exams)
