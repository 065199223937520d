"""How long pairings last, told as survival is: who is too young to know counts until today.

The share still under way after so many days is the product, over the days on which some ended, of
those who did not end among those who were still observed (Kaplan and Meier 1958). Leaving out the
young ones, or counting them as lasting, would both flatter or blacken the newest campaigns.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from campaigns.rules import ROUNDED_TO, publishable_total, rounded

MARKS = {3: 91, 6: 182, 12: 365}
"""Days that 3, 6 and 12 months are taken for."""


class By(StrEnum):
    """What pairings are put side by side by."""

    COUNTY = "county"
    CAMPAIGN = "campaign"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Lives:
    """So many pairings that were observed for so many days, and whether that ended them."""

    days: int
    ended: bool
    many: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """The share in percent still under way at a mark, and of how many that is known.

    `known` are those observed as long as that; None is too young to know, or not told.
    """

    share: int | None
    known: int | None


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    begun: int | None
    marks: dict[int, Mark]


def survival(lives: Iterable[Lives], day: int) -> tuple[float, int]:
    """Return the share from 0 to 1 that lasts longer than a day, and how many were observed so."""
    ended: dict[int, int] = defaultdict(int)
    left: dict[int, int] = defaultdict(int)
    for one in lives:
        (ended if one.ended else left)[one.days] += one.many
    watched, share = sum(ended.values()) + sum(left.values()), 1.0
    for on in sorted(ended.keys() | left.keys()):
        if on >= day:
            break
        share *= 1 - ended[on] / watched
        watched -= ended[on] + left[on]
    return share, watched


def line(name: str, lives: Iterable[Lives]) -> Line:
    """Return a group as those see it who answer for it."""
    known = list(lives)
    marks = {}
    for months, day in MARKS.items():
        share, watched = survival(known, day)
        reached = watched > 0 or share == 0
        marks[months] = Mark(round(100 * share) if reached else None, watched)
    return Line(name, sum(one.many for one in known), marks)


def seen_from_outside(one: Line) -> Line:
    """Return the same as public numbers are told: none under 10, and no share of so few."""
    return Line(
        one.name,
        publishable_total(one.begun or 0).shown,
        {months: _outside(mark) for months, mark in one.marks.items()},
    )


def _outside(mark: Mark) -> Mark:
    known = publishable_total(mark.known or 0).shown
    if known is None or mark.share is None:
        return Mark(None, known)
    share = rounded(mark.share)
    return Mark(None if share in {0, 100} else min(share, 100 - ROUNDED_TO), known)
