"""A world, its weights and its result as JSON that is always the same bytes for the same thing.

Keys are sorted, nothing is optional, numbers are whole, days are ISO 8601. Each part carries its
SHA-256, so that a stored run can be held to what it was made from. Reading refuses whatever is
not exactly of the model's types, and names where.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pairings.matching.branching import Kind, Leaf
from pairings.matching.model import World
from pairings.matching.preparing import Refused
from pairings.matching.run import Run
from pairings.matching.weighing import TIE_BITS, Weighing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Proof:
    """Prices, by ids, that bound what a part of all that is allowed can be worth."""

    decisions: tuple[tuple[Kind, int, int], ...]
    """What makes this part: pairs, child and team, that are forbidden or forced."""
    utility: tuple[tuple[int, int], ...]
    price: tuple[tuple[int, int], ...]
    steep: tuple[tuple[int, int, int], ...]
    """Team, slot and what the slot costs on top of the team."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found, by ids; weights and prices in the units of its weighing."""

    matched: tuple[tuple[int, int, int], ...]
    """Child, team and slot."""
    value: int
    proof: tuple[Proof, ...]
    """One for each part; the first is that of the matching itself."""
    alarms: tuple[tuple[int, int, tuple[str, ...]], ...]


def document(world: World, run: Run) -> dict[str, Any]:
    """Return everything of a run; `world` is the one that it was given."""
    parts = {
        "input": plain(world),
        "weights": weights(run.weighing),
        "result": plain(result(run)),
    }
    return {**parts, "sha256": {name: digest(part) for name, part in parts.items()}}


def weights(weighing: Weighing) -> dict[str, Any]:
    return {
        "policy": plain(weighing.policy),
        "shift": weighing.shift,
        "tier_points": weighing.tier_points,
        "tie_bits": TIE_BITS,
    }


def result(run: Run) -> Result:
    return Result(
        matched=tuple(run.matched()),
        value=run.worth,
        proof=tuple(_proof(run, leaf) for leaf in run.settled.leaves),
        alarms=tuple((one.child, one.team, tuple(one.against)) for one in run.alarms),
    )


def _proof(run: Run, leaf: Leaf) -> Proof:
    teams, children = run.world.teams, run.world.children
    found = leaf.solution
    return Proof(
        decisions=tuple(
            (kind, children[child].id, teams[team].id) for kind, child, team in leaf.decisions
        ),
        utility=tuple((child.id, one) for child, one in zip(children, found.utility, strict=True)),
        price=tuple((team.id, one) for team, one in zip(teams, found.price, strict=True)),
        steep=tuple(
            (team.id, slot, extra)
            for team, steep in zip(teams, found.steep, strict=True)
            for slot, extra in sorted(steep.items())
        ),
    )


def canonical(value: object) -> bytes:
    """Return JSON in the one form that is hashed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def plain(value: Any) -> Any:
    """Return a value of the model as lists, objects, texts and whole numbers."""
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return [plain(one) for one in sorted(value)]
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, StrEnum) else value


def read_world(given: object) -> World:
    """Return the world that `plain` has written. Raises Refused with the place in it."""
    return _read(given, World, "world")


def read_result(given: object) -> Result:
    return _read(given, Result, "result")


def _read(given: object, kind: type[T], where: str) -> T:
    found: T = _value(given, kind, where)
    return found


def _value(given: object, kind: Any, where: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if given is None else _value(given, inner[0], where)
    if origin is dict:
        return _object(given, inner[1], where)
    if origin in {tuple, frozenset}:
        return _list(given, origin, inner, where)
    if is_dataclass(kind):
        return _record(given, kind, where)
    if kind is date or issubclass(kind, StrEnum):
        return _word(given, kind, where)
    if type(given) is not kind:
        raise Refused(f"{where}: {given!r} is not {kind.__name__}")
    return given


def _object(given: object, inner: Any, where: str) -> dict[int, Any]:
    if not isinstance(given, dict):
        raise Refused(f"{where}: not an object")
    for key in given:
        if not key.isdecimal() or str(int(key)) != key:
            raise Refused(f"{where}: {key!r} is not an id")
    return {int(key): _value(one, inner, f"{where}.{key}") for key, one in given.items()}


def _list(given: object, origin: Any, inner: tuple[Any, ...], where: str) -> Any:
    if not isinstance(given, list):
        raise Refused(f"{where}: not a list")
    alike = origin is frozenset or inner[-1] is Ellipsis
    kinds = [inner[0]] * len(given) if alike else list(inner)
    if len(kinds) != len(given):
        raise Refused(f"{where}: {len(given)} entries for {len(kinds)}")
    found = [
        _value(one, kind, f"{where}[{place}]")
        for place, (one, kind) in enumerate(zip(given, kinds, strict=True))
    ]
    if origin is frozenset and len(set(found)) < len(found):
        raise Refused(f"{where}: an entry twice")
    return origin(found)


def _record(given: object, kind: Any, where: str) -> Any:
    if not isinstance(given, dict):
        raise Refused(f"{where}: not an object")
    hints = get_type_hints(kind)
    names = {one.name for one in fields(kind)}
    if given.keys() != names:
        odd = min(given.keys() ^ names)
        raise Refused(f"{where}: {odd} is {'unknown' if odd in given else 'missing'}")
    return kind(**{name: _value(given[name], hints[name], f"{where}.{name}") for name in names})


def _word(given: object, kind: Any, where: str) -> Any:
    if not isinstance(given, str):
        raise Refused(f"{where}: {given!r} is not a text")
    try:
        return date.fromisoformat(given) if kind is date else kind(given)
    except ValueError as error:
        raise Refused(f"{where}: {given!r} is not a {kind.__name__}") from error
