"""The pairs of all children by the compiled twin of `field` and `supply`.

Traits become bits: a skill, a language, an age band each have one, as far as any child asks for
it. Where a world needs more bits or larger numbers than fit, plain Python does it.
"""

import ctypes
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress

from pairings.matching.field import Field
from pairings.matching.judging import (
    base_of,
    level_for,
    skills_of,
    spent,
    training_of,
)
from pairings.matching.kernel.loading import Struct, addresses, compiled
from pairings.matching.model import Child, Place, Policy, step
from pairings.matching.solver.problem import MOST, Options
from pairings.matching.solver.standing import Standing
from pairings.matching.weighing import TIE_BITS, Weighing, mark

BITS = 64
FAR = 1 << 29
"""Metres; beyond it squares leave 64 bits."""
Listed = tuple["array[int]", "array[int]", "array[int]"]


class Fielded:
    """The teams and children of one run as the library reads them."""

    def __init__(self, found: ctypes.CDLL, teams: Struct, children: Struct, many: int) -> None:
        self.found, self.given, self.many = found, (teams, children), many
        self.handle = ctypes.c_void_p()
        if found.field_new(teams.address, children.address, ctypes.byref(self.handle)):
            self.close()
            raise MemoryError

    def close(self) -> None:
        self.found.field_end(self.handle)
        self.handle = ctypes.c_void_p()

    __del__ = close

    def more_than(self, most: int) -> bool:
        """Whether all children together have more pairs than that."""
        return bool(self.found.field_more_than(self.handle, most))

    def first(self, start: int, stop: int, most: int) -> list[Options]:
        """Return the pairs of a stretch of the order, the heaviest first; `most` -1 is all."""
        counts, out = _zeros("q", stop - start), _zeros("Q", 3)
        many = self.found.field_first(
            self.handle, start, stop, most, counts.buffer_info()[0], out.buffer_info()[0]
        )
        return list(options_of(counts, out, many))

    def missing(self, prices: Struct, more: int, order: Sequence[int]) -> dict[int, Options]:
        """Return all that each child has then whom pairs outside would help."""
        counts, out = _zeros("q", self.many), _zeros("Q", 3)
        many = self.found.field_missing(
            self.handle, prices.address, more, counts.buffer_info()[0], out.buffer_info()[0]
        )
        helped = list(compress(order, counts))
        return dict(zip(helped, options_of(filter(None, counts), out, many), strict=True))


def fielded(field: Field, weighing: Weighing, children: Sequence[Child], order: Sequence[int]
            ) -> Fielded | None:  # fmt: skip
    """Return the twin of a field, or None where Python does it."""
    found = compiled()
    if found is None or TIE_BITS != 8 or not _regular(field, children):
        return None
    skills, spoken, bands = _numbered(children)
    if max(map(len, (skills, spoken, bands))) > BITS:
        return None
    try:
        levels = sorted({level_for(child, field.policy) for child in children})
        teams = _teams(field, weighing.shift, levels, (skills, spoken, bands))
        read = _children(field, weighing, children, (levels, skills, spoken, bands))
    except OverflowError:
        return None
    return Fielded(found, teams, Struct(len(children), array("q", order), *read), len(children))


def prices_of(standing: Standing, barred: Iterable[tuple[int, int]]) -> Struct | None:
    """Return prices, utilities and the pairs that are held or barred."""
    costs = [cost for steep in standing.steep for cost in steep.values()]
    if any(max(one, default=0) >= 2 * MOST for one in (standing.price, standing.utility, costs)):
        return None
    options = standing.problem.options
    first = array("q", [0])
    for steep in standing.steep:
        first.append(first[-1] + len(steep))
    out: dict[int, list[tuple[int, int]]] = {}
    for child, team in barred:
        out.setdefault(child, []).append((team, 0))
    return Struct(
        array("q", standing.price),
        array("q", standing.utility),
        array("q", [len(one.teams) for one in options]),
        addresses(one.teams for one in options),
        addresses(one.weights for one in options),
        addresses(one.slots for one in options),
        first,
        array("i", [slot for steep in standing.steep for slot in steep]),
        array("q", costs),
        *_listed(out.get(child, ()) for child in range(len(options))),
    )


def _regular(field: Field, children: Sequence[Child]) -> bool:
    policy = field.policy
    places = [field.places[base_of(team, field.term)] for team in field.teams]
    places += [field.places[child.spot] for child in children]
    sizes = (policy.visit_minutes, policy.metres_a_minute, policy.detour_percent)
    return (
        all(0 <= one < FAR for one in sizes)
        and policy.metres_a_minute > 0
        and policy.detour_percent < 1 << 20
        and len(policy.slot_minutes) <= 62
        and all(-FAR < axis < FAR for one in places for axis in (one.east or 0, one.north or 0))
        and all(0 <= one.rough < FAR for one in places)
    )


def _numbered(children: Sequence[Child]) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Return the bit of each skill, language and age band that any child has."""
    skills = sorted({skill for needs in {child.needs for child in children} for skill in needs})
    spoken = {child.dialect for child in children}
    spoken |= {one for asked in {child.languages for child in children} for one in asked}
    bands = {child.band for child in children}
    numbered = [
        {name: 1 << bit for bit, name in enumerate(sorted(names))}
        for names in (skills, spoken, bands)
    ]
    return numbered[0], numbered[1], numbered[2]


def _teams(
    field: Field, shift: int, levels: Sequence[int], numbered: tuple[dict[str, int], ...]
) -> Struct:
    policy, tables, places = field.policy, field.policy.tables, range(len(field.teams))
    skills, spoken, bands = (_kept(numbers) for numbers in numbered)
    base_ids = sorted({base_of(team, field.term) for team in field.teams})
    number = {base: one for one, base in enumerate(base_ids)}
    here = [field.places[base] for base in base_ids]
    counties = _counties(field)
    goes = array("q", [_goes(policy, one, other) for one in counties for other in counties])
    trained = [training_of(members) for members in field.cleared]
    years = [step(tables.experience, team.years) for team in field.teams]
    steps = tables.distance
    by_slots = [step(tables.slots, many) for many in range(len(policy.slot_minutes) + 1)]
    return Struct(
        len(field.teams), len(base_ids), len(levels), len(policy.slot_minutes), shift,
        array("q", [field.may_go(one) for one in places]),
        array("q", [number[base_of(team, field.term)] for team in field.teams]),
        array("q", [team.reach for team in field.teams]),
        array("q", field.left),
        array("q", [mark("team", team.id) for team in field.teams]),
        array("Q", [skills(skills_of(members)) for members in field.cleared]),
        array("Q", [spoken(_spoken(field, one)) for one in places]),
        array("Q", [bands(team.bands) for team in field.teams]),
        array("Q", [
            slots
            for level in levels
            for girl in (False, True)
            for slots in field.present(level, girl=girl)
        ]),
        array("q", [
            year + step(tables.training, max(0, one - level))
            for level in levels
            for year, one in zip(years, trained, strict=True)
        ]),
        *_located(here, counties), len(counties), goes,
        len(steps), array("q", [row[0] for row in steps]), array("q", [row[1] for row in steps]),
        array("q", by_slots),
        tables.needs, tables.dialect, tables.age,
        array("q", policy.slot_minutes),
        policy.visit_minutes, policy.metres_a_minute, policy.detour_percent,
    )  # fmt: skip


def _children(
    field: Field,
    weighing: Weighing,
    children: Sequence[Child],
    numbered: tuple[Sequence[int], dict[str, int], dict[str, int], dict[str, int]],
) -> "list[array[int]]":
    levels, skills, spoken, bands = numbered
    number = {level: one for one, level in enumerate(levels)}
    needs, languages = _kept(skills), _kept(spoken)
    index = field.index
    return [
        array("q", [child.spot for child in children]),
        *_located([field.places[child.spot] for child in children], _counties(field)),
        array("q", [number[level_for(child, field.policy)] for child in children]),
        array("q", [child.girl for child in children]),
        array("q", [child.size for child in children]),
        array("q", [spent(child, field.policy) for child in children]),
        array("q", [weighing.bonus(child) for child in children]),
        array("q", [mark("child", child.id) for child in children]),
        array("Q", [child.free for child in children]),
        array("Q", [needs(child.needs) for child in children]),
        array("Q", [languages(child.languages) for child in children]),
        array("Q", [spoken[child.dialect] for child in children]),
        array("Q", [bands[child.band] for child in children]),
        *_listed(field.extras(child).items() for child in children),
        *_listed(_teams_of(child.known, index) for child in children),
        *_listed(
            _teams_of((team for team, _code in child.against), index) for child in children
        ),
    ]  # fmt: skip


def _teams_of(ids: Iterable[int], index: dict[int, int]) -> list[tuple[int, int]]:
    return [(index[one], 0) for one in ids if one in index]


def _spoken(field: Field, place: int) -> frozenset[str]:
    return frozenset[str]().union(*[member.languages for member in field.cleared[place]])


def _kept(numbers: dict[str, int]) -> Callable[[frozenset[str]], int]:
    """Return what gives the bits of names; each set is looked up once."""
    known: dict[frozenset[str], int] = {}

    def bits_of(names: frozenset[str]) -> int:
        if names not in known:
            known[names] = sum(numbers.get(name, 0) for name in names)
        return known[names]

    return bits_of


def _counties(field: Field) -> dict[int, int]:
    """Return a number for each county that any place is in."""
    found = sorted({place.county for place in field.places.values()})
    return {county: number for number, county in enumerate(found)}


def _goes(policy: Policy, one: int, other: int) -> bool:
    return policy.goes(Place(0, one, None, None), Place(0, other, None, None))


def _located(places: Sequence[Place], counties: dict[int, int]) -> "tuple[array[int], ...]":
    return (
        array("q", [one.east is not None and one.north is not None for one in places]),
        array("q", [one.east or 0 for one in places]),
        array("q", [one.north or 0 for one in places]),
        array("q", [one.rough for one in places]),
        array("q", [counties[one.county] for one in places]),
    )


def _listed(lists: Iterable[Iterable[tuple[int, int]]]) -> Listed:
    first, teams, points = array("q", [0]), array("i"), array("q")
    for one in lists:
        for team, more in one:
            teams.append(team)
            points.append(more)
        first.append(len(teams))
    return first, teams, points


def _zeros(kind: str, many: int) -> "array[int]":
    return array(kind, bytes(many * array(kind).itemsize))


def _out(out: "array[int]", many: int) -> "tuple[array[int], array[int], array[int]]":
    """Return the columns that the library has filled; it keeps its own."""
    if many == -1:
        raise MemoryError
    columns = array("i"), array("q"), array("q")
    for column, address in zip(columns, out, strict=True):
        if many:
            column.frombytes(ctypes.string_at(address, many * column.itemsize))
    return columns


def options_of(counts: Iterable[int], out: "array[int]", many: int) -> Iterator[Options]:
    teams, weights, slots = _out(out, many)
    start = 0
    for held in counts:
        end = start + held
        yield Options(teams[start:end], weights[start:end], slots[start:end])
        start = end
