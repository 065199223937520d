"""Which county is nearer: by the schematic map, whose tiles lie as the counties do."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from campaigns.rules import Door

Tile = tuple[int, int]
AT_HOME = 30
"""Minutes to a place in one's own county."""
QUARTER = 15


class Somewhere(Protocol):
    """What takes place in a county, for whoever still finds a seat there."""

    @property
    def uid(self) -> str: ...

    @property
    def county_id(self) -> int: ...

    @property
    def door(self) -> Door: ...


Offered = TypeVar("Offered", bound=Somewhere)


def apart(one: Tile | None, other: Tile | None) -> float | None:
    """Return how many tiles lie between two counties; None where one is on no map."""
    return math.dist(one, other) if one and other else None


def minutes_between(tiles: float, a_tile: int) -> int:
    """Return the estimated minutes on the road, in quarters of an hour.

    `a_tile` are the minutes of one tile. An estimate and nothing more: roads bend, buses wait.
    """
    return round((AT_HOME + tiles * a_tile) / QUARTER) * QUARTER


def nearest_first(
    offers: Iterable[Offered], tiles: Mapping[int, float | None], late: Collection[str]
) -> list[Offered]:
    """Return what still has seats before what has none, each the nearest first.

    `tiles` says how far each county is; without it, as with a county on no map, the order in
    which they come stays. `late` names those that somebody can no longer be ready for.
    """

    def place(offer: Offered) -> tuple[bool, float]:
        far = tiles.get(offer.county_id)
        free = offer.door is Door.OPEN and offer.uid not in late
        return not free, math.inf if far is None else far

    return sorted(offers, key=place)
