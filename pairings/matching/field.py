"""All teams at once, as seen from one child: which may come, and with how many points.

Each team has a lane of 16 bits in one long integer. Rules are lanes of ones or noughts that are
joined by `&`, points are lanes that are added; both depend on a few traits of the child only and
are kept. So Python's own arithmetic goes through all teams in a few steps, and what is left is
looked at one by one. The answers are those of `judging`, pair for pair.
"""

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import compress

from pairings.matching.judging import (
    base_of,
    counting,
    level_for,
    needs_points,
    places_left,
    present,
    skills_of,
    spent,
    training_of,
)
from pairings.matching.model import Child, Member, Tables, Team, World, step

LANE = 0xFFFF
Found = tuple[int, int, int]
"""A team's index, its points, the slots as bits."""


def most_points(tables: Tables) -> int:
    """Return what no pair can exceed."""
    stepped = (tables.distance, tables.slots, tables.training, tables.experience)
    highest = sum(max((points for _bound, points in one), default=0) for one in stepped)
    plain = (tables.needs, tables.dialect, tables.age, tables.continuity, tables.inertia)
    return highest + sum(plain)


def pack(values: Iterable[int]) -> int:
    """Put numbers below 65,536 into lanes, the first one lowest."""
    lanes = array("H", values)
    if sys.byteorder == "big":
        lanes.byteswap()
    return int.from_bytes(lanes.tobytes(), "little")


def unpack(packed: int, many: int) -> "array[int]":
    lanes = array("H")
    lanes.frombytes(packed.to_bytes(2 * many, "little"))
    if sys.byteorder == "big":
        lanes.byteswap()
    return lanes


class Field:
    """The teams of a world in their order, ready to be asked by any child of it."""

    def __init__(self, world: World) -> None:
        if not 0 <= most_points(world.policy.tables) < LANE or _any_negative(world.policy.tables):
            raise ValueError("tables: points must not be negative, nor 65,535 together")
        self.policy, self.term, self.places = world.policy, world.term, world.places
        self.teams = world.teams
        self.index = {team.id: place for place, team in enumerate(self.teams)}
        self.cleared = [counting(team, self.term, 0) for team in self.teams]
        self._base_of = [base_of(team, self.term) for team in self.teams]
        self.left = [
            places_left(team, members)
            for team, members in zip(self.teams, self.cleared, strict=True)
        ]
        self._slots: dict[tuple[int, bool], list[int]] = {}
        self._masks: dict[tuple[object, ...], int] = {}
        self._points: dict[tuple[object, ...], int] = {}
        self._spot: tuple[int, int, int, dict[int, int]] | None = None
        self._longs: dict[int, int] = {}
        self._by_slots = [
            step(self.policy.tables.slots, many)
            for many in range(len(self.policy.slot_minutes) + 1)
        ]

    def pairs(self, child: Child) -> Iterator[Found]:
        """Yield each team that may come to a child, in the order of the teams."""
        reach, distance, longs = self._around(child.spot)
        level = level_for(child, self.policy)
        masked = self._always & reach & self._who_counts(child, level) & self._others(child)
        scored = (distance + self._years + self._traits(child, level) + self._ones) & masked
        lanes = unpack(scored, len(self.teams))
        slots, free, by_slots = self._slots[level, child.girl], child.free, self._by_slots
        extras, bases = self.extras(child), self._base_of
        for place in compress(range(len(lanes)), lanes):
            shared = free & slots[place] & longs[bases[place]]
            if shared:
                points = lanes[place] - 1 + by_slots[shared.bit_count()]
                if place in extras:
                    points += extras[place]
                yield place, points, shared

    @cached_property
    def _always(self) -> int:
        return self._masked(self.may_go)

    @cached_property
    def _years(self) -> int:
        table = self.policy.tables.experience
        return self._pointed(lambda place: step(table, self.teams[place].years))

    @cached_property
    def _ones(self) -> int:
        return pack([1] * len(self.teams))

    def may_go(self, place: int) -> bool:
        """Whether a team may go to anybody at all."""
        team = self.teams[place]
        return (
            not team.flagged
            and len(self.cleared[place]) >= self.policy.fewest_adults
            and team.until >= self.term.end
            and self.left[place] > 0
        )

    def _who_counts(self, child: Child, level: int) -> int:
        """Where enough adults have the training, with a woman for a girl."""
        slots = self.present(level, girl=child.girl)
        return self._kept(("who", level, child.girl), lambda place: slots[place] != 0)

    def present(self, level: int, *, girl: bool) -> list[int]:
        """Return for each team the slots in which enough adults have the training, as bits."""
        key = (level, girl)
        if key not in self._slots:
            trained = [counting(team, self.term, level) for team in self.teams]
            self._slots[key] = [
                self._present(team, members, woman=girl)
                for team, members in zip(self.teams, trained, strict=True)
            ]
        return self._slots[key]

    def _present(self, team: Team, members: list[Member], *, woman: bool) -> int:
        return present(members, self.policy.fewest_adults * max(1, team.lanes), woman=woman)

    def _others(self, child: Child) -> int:
        """Where the group finds places and the languages are spoken, but for whom pairs forbid."""
        mask = self._always
        if child.size > 1:
            mask &= self._kept(("size", child.size), lambda place: self.left[place] >= child.size)
        for language in child.languages:
            mask &= self._speakers(language)
        if spent(child, self.policy):
            mask &= self._lanes_of(child.known)
        for team, _code in child.against:
            mask &= ~self._lanes_of([team])
        return mask

    def _speakers(self, language: str) -> int:
        return self._kept(("language", language), lambda place: self._speaks(place, language))

    def _lanes_of(self, ids: Iterable[int]) -> int:
        return sum(LANE << 16 * self.index[one] for one in ids if one in self.index)

    def _speaks(self, place: int, language: str) -> bool:
        return any(language in member.languages for member in self.cleared[place])

    def _traits(self, child: Child, level: int) -> int:
        """Return the points that depend on needs, risk, dialect and age alone."""
        key = ("traits", child.needs, level, child.dialect, child.band)
        if key not in self._points:
            tables = self.policy.tables
            self._points[key] = sum(
                (
                    self._memo(("needs", child.needs), self._needs(child)),
                    self._memo(("training", level), self._training(level)),
                    self._memo(
                        ("dialect", child.dialect),
                        lambda place: tables.dialect * self._speaks(place, child.dialect),
                    ),
                    self._memo(
                        ("band", child.band),
                        lambda place: tables.age * (child.band in self.teams[place].bands),
                    ),
                )
            )
        return self._points[key]

    def _needs(self, child: Child) -> Callable[[int], int]:
        most, needs = self.policy.tables.needs, child.needs
        return lambda place: needs_points(needs, self._skills[place], most)

    def _training(self, level: int) -> Callable[[int], int]:
        table = self.policy.tables.training
        return lambda place: step(table, max(0, training_of(self.cleared[place]) - level))

    def extras(self, child: Child) -> dict[int, int]:
        """Return the points that only certain pairs have."""
        tables, found = self.policy.tables, dict.fromkeys(child.known, 0)
        for team in child.known:
            found[team] += tables.continuity
        if child.proposed is not None:
            found[child.proposed] = found.get(child.proposed, 0) + tables.inertia
        return {self.index[team]: points for team, points in found.items() if team in self.index}

    @cached_property
    def _skills(self) -> list[frozenset[str]]:
        return [skills_of(members) for members in self.cleared]

    @cached_property
    def _bases(self) -> dict[int, list[tuple[int, int]]]:
        """Return for each base the teams that go at least so far, as lanes, by rising reach."""
        found: dict[int, dict[int, int]] = {}
        for place, team in enumerate(self.teams):
            reaches = found.setdefault(base_of(team, self.term), {})
            reaches[team.reach] = reaches.get(team.reach, 0) | LANE << 16 * place
        made = {}
        for base, reaches in found.items():
            rows, lanes = [], 0
            for reach in sorted(reaches, reverse=True):
                lanes |= reaches[reach]
                rows.append((reach, lanes))
            made[base] = rows[::-1]
        return made

    def _around(self, spot: int) -> tuple[int, int, dict[int, int]]:
        """Return who reaches a place, their points for the way, and by base which slots fit."""
        if self._spot is None or self._spot[0] != spot:
            here, table = self.places[spot], self.policy.tables.distance
            reached = 0
            by_points: dict[int, int] = {}
            longs: dict[int, int] = {}
            for base, rows in self._bases.items():
                there = self.places[base]
                way = self.policy.minutes(here, there) if self.policy.goes(here, there) else None
                lanes = next(
                    (lanes for reach, lanes in rows if way is not None and way <= reach), 0
                )
                if way is not None and lanes:
                    reached |= lanes
                    points = step(table, way)
                    by_points[points] = by_points.get(points, 0) | lanes
                    longs[base] = self._long_enough(way)
            distance = sum(points * (lanes & self._ones) for points, lanes in by_points.items())
            self._spot = (spot, reached, distance, longs)
        return self._spot[1:]

    def _long_enough(self, way: int) -> int:
        if way not in self._longs:
            self._longs[way] = self.policy.long_enough(way)
        return self._longs[way]

    def _kept(self, key: tuple[object, ...], holds: Callable[[int], bool]) -> int:
        if key not in self._masks:
            self._masks[key] = self._masked(holds)
        return self._masks[key]

    def _memo(self, key: tuple[object, ...], points: Callable[[int], int]) -> int:
        if key not in self._points:
            self._points[key] = self._pointed(points)
        return self._points[key]

    def _masked(self, holds: Callable[[int], bool]) -> int:
        return pack([LANE if holds(place) else 0 for place in range(len(self.teams))])

    def _pointed(self, points: Callable[[int], int]) -> int:
        return pack([points(place) for place in range(len(self.teams))])


def _any_negative(tables: Tables) -> bool:
    steps = (tables.distance, tables.slots, tables.training, tables.experience)
    plain = (tables.needs, tables.dialect, tables.age, tables.continuity, tables.inertia)
    return any(points < 0 for one in steps for _bound, points in one) or min(plain) < 0
