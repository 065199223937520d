"""Medals for hours served: earned once, never compared, never taken back by a new list of steps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Medal:
    """So many hours, and the day on which they were reached."""

    hours: int
    reached_on: date


def steps_on(day: date, lists: Mapping[date, Sequence[int]], default: Sequence[int]) -> list[int]:
    """Return the hours that earned a medal on that day; what is no number of hours is left out."""
    begun = [since for since in lists if since <= day]
    held = lists[max(begun)] if begun else default
    return sorted({hours for hours in held if hours > 0})


def earned(
    served: Iterable[tuple[date, int]],
    lists: Mapping[date, Sequence[int]],
    default: Sequence[int],
    today: date,
) -> list[Medal]:
    """Return the medals of one person, the most hours first.

    `served` are minutes by day, oldest first. A step counts by the list of the day on which it
    was reached; a later list gives what it makes due today and takes nothing away.
    """
    minutes, found = 0, dict[int, date]()
    for day, more in served:
        minutes += more
        _reach(found, minutes, steps_on(day, lists, default), day)
    _reach(found, minutes, steps_on(today, lists, default), today)
    return [Medal(hours, found[hours]) for hours in sorted(found, reverse=True)]


def _reach(found: dict[int, date], minutes: int, steps: Iterable[int], day: date) -> None:
    for hours in steps:
        if minutes >= hours * 60:
            found.setdefault(hours, day)
