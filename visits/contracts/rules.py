"""What a pairing's visits are agreed to be, and the windows that follow from it.

Nobody types a due date: it follows from the last visit and the agreed rhythm (domain.md §2.4).
Nothing here reads a clock or a database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from visits.rules import PlaceKind

FARTHEST_ROLL = 13


class Every(IntEnum):
    """The rhythms that can be agreed, in days."""

    WEEK = 7
    FORTNIGHT = 14
    MONTH = 30
    QUARTER = 90


@dataclass(frozen=True, slots=True)
class Terms:
    """How often, how many days around it, where, and how many first visits with more adults."""

    every: int
    window: int
    places: frozenset[PlaceKind]
    first: int
    grace: int
    """Per cent of the rhythm that may pass before a window counts as missed."""


@dataclass(frozen=True, slots=True)
class Window:
    """Between when the next visit should be, and until when it is not missed yet."""

    opens_on: date
    due_on: date
    closes_on: date

    def days_over(self, today: date) -> int:
        """Return how many days it has been missed for; negative while there is time."""
        return (today - self.closes_on).days


def next_window(terms: Terms, last: date, fits: Callable[[date], bool]) -> Window:
    """Return the window after a visit; its due date is put off to the next day that fits."""
    agreed = last + timedelta(days=terms.every)
    later = (agreed + timedelta(days=days) for days in range(FARTHEST_ROLL + 1))
    due = next((day for day in later if fits(day)), agreed)
    opens = max(agreed - timedelta(days=terms.window), last + timedelta(days=1))
    grace = -(-terms.every * terms.grace // 100)
    return Window(opens, due, due + timedelta(days=grace))


def windows(terms: Terms, last: date, fits: Callable[[date], bool]) -> Iterator[Window]:
    """Yield the windows to come, as if each visit were on the day it is due."""
    while True:
        window = next_window(terms, last, fits)
        yield window
        last = window.due_on
