"""Children who are visited together, and how many adults that takes (domain.md §3.9).

Nothing here reads a clock or a database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil
from typing import Any

from children.rules import AgeBand

YOUNG = frozenset({AgeBand.A0_2, AgeBand.A3_5, AgeBand.A6_7})
MIDDLE = frozenset({AgeBand.A8_10, AgeBand.A11_13})


def bundles(rows: Iterable[Any]) -> list[list[Any]]:
    """Return listed visits with those that are made together in one bundle, where they stand."""
    return [list(rows) for _key, rows in groupby(rows, lambda row: row.joined_id or -row.visit_id)]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many children of an age one adult may look after: below 8, 8 to 13, from 14 on."""

    young: int = 5
    middle: int = 8
    older: int = 10

    def of(self, band: AgeBand) -> int:
        of_age = self.young if band in YOUNG else self.middle if band in MIDDLE else self.older
        return max(1, of_age)

    def adults(self, bands: tuple[AgeBand, ...]) -> int:
        """Return how many adults so many children take; each takes a share of one."""
        return ceil(sum(Fraction(1, self.of(band)) for band in bands))


@dataclass(frozen=True, slots=True)
class Company:
    """The other children of a visit that is made together, and the adults who come with them.

    `first` is the id of the first of these visits, None while it is not there yet.
    """

    first: int | None = None
    bands: tuple[AgeBand, ...] = ()
    adults: frozenset[int] = frozenset()

    def outnumbers(self, adults: set[int], own: AgeBand, ratio: Ratio) -> bool:
        """Whether all these children take more adults than come, one child's adults with them."""
        return bool(self.bands) and len(adults | self.adults) < ratio.adults((own, *self.bands))


ALONE = Company()
