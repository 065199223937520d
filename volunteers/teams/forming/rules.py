"""Which two volunteers suit each other, and why: first the rules, then points with their reasons.

Pure and deterministic: no name, no clock, no database. The same people give the same pairs in
whatever order they come. A rule that says no is never outweighed by points.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from volunteers.rules import Slot

DAY = 24 * 60


class Why(StrEnum):
    """What stands against a pair, or leaves somebody without a partner."""

    NOT_CLEARED = "not_cleared"
    FULL = "full"
    """Accompanies as many children, in as many teams, as they are ready for."""
    NO_FREE_TIME = "no_free_time"
    """Has not told when they are free."""
    NO_TIME = "no_time"
    TOO_FAR = "too_far"
    TOGETHER = "together"
    REFUSED = "refused"
    """Somebody has said no to these two before."""
    ALONE = "alone"
    """Nobody else looks for a team."""
    OTHERS = "others"
    """There are people who would suit; each of them is better placed with somebody else."""


class State(StrEnum):
    """How far a search for pairs has come."""

    QUEUED = "queued"
    WORKING = "working"
    READY = "ready"
    CANCELLED = "cancelled"
    FAILED = "failed"
    EXPIRED = "expired"
    """The pairs have been deleted."""


BUSY = frozenset({State.QUEUED, State.WORKING})


class Fate(StrEnum):
    """What has become of a proposed pair."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OUTDATED = "outdated"
    """Something stood against it when it was accepted."""


class Near(StrEnum):
    """How near two people live or study to each other; the nearest comes first."""

    SCHOOL = "school"
    UNIVERSITY = "university"
    COUNTY = "county"
    TILES = "tiles"
    UNKNOWN = "unknown"


SHARES = {Near.SCHOOL: 4, Near.UNIVERSITY: 3, Near.COUNTY: 2, Near.TILES: 1, Near.UNKNOWN: 0}
"""How many quarters of the points for distance each is worth."""


@dataclass(frozen=True, slots=True)
class Base:
    """From where somebody comes: their school or organisation, else their home county."""

    county_id: int
    org_id: int | None = None
    parent_id: int | None = None
    """The university that the organisation is a campus of."""
    tile: tuple[int, int] | None = None
    """Where the county stands on the schematic map."""


@dataclass(frozen=True, slots=True)
class Side:
    """What forming teams may know of a volunteer."""

    id: int
    woman: bool
    experienced: bool
    base: Base
    term: int = 0
    """The minutes of a week they are free in term, as bits: see `minutes`."""
    breaks: int = 0
    against: Why | None = None
    """What keeps them from every team."""


@dataclass(frozen=True, slots=True)
class Points:
    """What a pair is worth by itself, and the most that each part can add."""

    pair: int = 100
    """As much as the four parts together: two more people in a team outweigh a better fit."""
    time: int = 40
    woman: int = 20
    distance: int = 20
    experience: int = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """The figures that the rules ask for."""

    least_minutes: int = 60
    enough_minutes: int = 240
    """Shared time a week that gives all points for time."""
    farthest: int = 3
    """Tiles of the schematic map."""
    points: Points = field(default_factory=Points)


Barred: TypeAlias = Mapping[tuple[int, int], Why]
"""Pairs, the smaller id first, that may not be: together already, or refused before."""


@dataclass(frozen=True, slots=True)
class Bond:
    """Two people who suit each other, with what their points are made of."""

    one: int
    two: int
    parts: Points
    minutes: int
    in_term: bool
    near: Near
    tiles: int = 0

    @property
    def points(self) -> int:
        parts = self.parts
        return parts.pair + parts.time + parts.woman + parts.distance + parts.experience

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return keys with their numbers, as `time:180`; forming.labels puts them into words."""
        parts = self.parts
        return (
            f"{'time' if self.in_term else 'break'}:{self.minutes}:{parts.time}",
            f"woman:{int(parts.woman > 0)}:{parts.woman}",
            f"{self.near}:{self.tiles}:{parts.distance}",
            f"experience:{int(parts.experience > 0)}:{parts.experience}",
        )


def minutes(slots: Iterable[Slot]) -> int:
    """Return stretches of a week as a number with a bit for each minute: shared time is `&`."""
    found = 0
    for slot in slots:
        found |= ((1 << (slot.end - slot.start)) - 1) << (slot.weekday * DAY + slot.start)
    return found


def shared(one: Side, two: Side) -> tuple[int, bool]:
    """Return the minutes a week both are free, and whether that is in term; the longer counts."""
    term = (one.term & two.term).bit_count()
    breaks = (one.breaks & two.breaks).bit_count()
    return max(term, breaks), term >= breaks


def near(one: Base, two: Base) -> tuple[Near, int]:
    """Return how near two bases are, with the tiles between them."""
    if one.org_id is not None and one.org_id == two.org_id:
        return Near.SCHOOL, 0
    if one.county_id == two.county_id:
        same = one.parent_id is not None and one.parent_id == two.parent_id
        return (Near.UNIVERSITY if same else Near.COUNTY), 0
    if one.tile is None or two.tile is None:
        return Near.UNKNOWN, 0
    away = max(abs(one.tile[0] - two.tile[0]), abs(one.tile[1] - two.tile[1]))
    return Near.TILES, away


def judge(one: Side, two: Side, terms: Terms, barred: Barred) -> Bond | Why:
    """Return the pair of two people, or the first rule that stands against it."""
    key = (one.id, two.id) if one.id < two.id else (two.id, one.id)
    if key in barred:
        return barred[key]
    together, in_term = shared(one, two)
    if together < max(1, terms.least_minutes):
        return Why.NO_TIME
    nearness, tiles = near(one.base, two.base)
    if tiles > terms.farthest:
        return Why.TOO_FAR
    most = terms.points
    enough = max(1, terms.enough_minutes)
    parts = Points(
        most.pair,
        most.time * min(together, enough) // enough,
        most.woman if one.woman or two.woman else 0,
        most.distance * SHARES[nearness] // 4,
        most.experience if one.experienced is not two.experienced else 0,
    )
    return Bond(*key, parts, together, in_term, nearness, tiles)


def side(row: Mapping[str, Any]) -> Side:
    """Return a volunteer from what a database or a JSON text tells of them."""
    tile = row["tile"]
    return Side(
        id=row["id"],
        woman=row["woman"],
        experienced=row["experienced"],
        base=Base(
            row["county_id"], row["org_id"], row["parent_id"], (tile[0], tile[1]) if tile else None
        ),
        term=minutes(Slot(*slot) for slot in row["term"]),
        breaks=minutes(Slot(*slot) for slot in row["breaks"]),
        against=Why(row["against"]) if row["against"] else None,
    )


def question(
    people: list[dict[str, Any]],
    figures: Mapping[str, Any],
    barred: Sequence[tuple[int, int, Why]],
) -> dict[str, Any]:
    """Return what `best.worker` is asked; `figures` are Terms as a dictionary.

    Of each person `term` and `breaks` are (weekday, start, end).
    """
    return {"people": people, "terms": figures, "barred": barred}
