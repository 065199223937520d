"""A bare problem as JSON in, its proved optimum as JSON out: for anybody to check.

In: `teams: [{id, capacity}]`, `children: [{id, bonus}]`, `pairs: [{child, team, weight}]`,
`pinned` and `forbidden: [[child, team]]`. The bonus is added to the weight. Out: `matched`,
`value`, `utility`, `price` and `proved`. A pinned child's utility is what its pair is worth above
the price of its place; as it had no choice, that may be negative. Then utilities and
capacity × price add up to the value, and no other pair is worth more than both its prices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pairings.matching.preparing import Refused
from pairings.matching.solver.problem import MOST, Options, Pair, Problem
from pairings.matching.solver.solve import solve

Id = int | str
FIELDS = ("teams", "children", "pairs", "pinned", "forbidden")


@dataclass(frozen=True, slots=True)
class Plain:
    """A bare problem that has been read, by ids."""

    capacity: dict[Id, int]
    bonus: dict[Id, int]
    weight: dict[tuple[Id, Id], int]
    """By child and team, the bonus included."""
    pinned: dict[Id, Id]


def solve_plain(given: object) -> dict[str, Any]:
    """Return the answer. Raises Refused with the entry named."""
    plain = read(given)
    teams, children = _sorted(plain.capacity), _sorted(plain.bonus)
    left = dict(plain.capacity)
    for team in plain.pinned.values():
        left[team] -= 1
    place = {team: number for number, team in enumerate(teams)}
    pairs: dict[Id, list[Pair]] = {child: [] for child in children}
    for (child, team), weight in plain.weight.items():
        if child not in plain.pinned:
            pairs[child].append((place[team], weight, 1))
    problem = Problem(
        [left[team] for team in teams],
        [0] * len(teams),
        [Options.of(pairs[child]) for child in children],
    )
    found = solve(problem).solution()
    utility = dict(zip(children, found.utility, strict=True))
    price = dict(zip(teams, found.price, strict=True))
    matched = dict(plain.pinned)
    for child, team in zip(children, found.team_of, strict=True):
        if team >= 0:
            matched[child] = teams[team]
    for child, pin in plain.pinned.items():
        utility[child] = plain.weight[child, pin] - price[pin]
    value = sum(plain.weight[child, team] for child, team in matched.items())
    return {
        "matched": [[child, matched[child]] for child in children if child in matched],
        "value": value,
        "utility": {str(child): utility[child] for child in children},
        "price": {str(team): price[team] for team in teams},
        "proved": True,
    }


def read(given: object) -> Plain:
    """Return the problem, or raise Refused with the first entry that cannot be right."""
    if not isinstance(given, dict):
        raise Refused("not an object with teams, children and pairs")
    for key in given:
        if key not in FIELDS:
            raise Refused(f"{key}: unknown")
    lists = {key: _list(given, key) for key in FIELDS}
    capacity = _numbers(lists["teams"], "team", "capacity")
    bonus = _numbers(lists["children"], "child", "bonus")
    for team, many in capacity.items():
        if many < 0:
            raise Refused(f"team {team}: capacity {many} is negative")
    known = (bonus, capacity)
    weight = _weights(lists["pairs"], known)
    forbidden = _couples(lists["forbidden"], "forbidden", known)
    pinned = _pinned(_couples(lists["pinned"], "pinned", known), forbidden, weight, capacity)
    for couple in forbidden:
        weight.pop(couple, None)
    return Plain(capacity, bonus, weight, pinned)


def _weights(
    rows: list[object], known: tuple[Mapping[Id, int], Mapping[Id, int]]
) -> dict[tuple[Id, Id], int]:
    """Return what each pair is worth, the child's bonus included."""
    found: dict[tuple[Id, Id], int] = {}
    for row in rows:
        if not isinstance(row, dict) or row.keys() != {"child", "team", "weight"}:
            raise Refused(f"pair {row!r}: not child, team and weight")
        child, team = _known(row["child"], row["team"], "pair", known)
        worth = _whole(row["weight"], f"pair {child} and {team}: weight") + known[0][child]
        if (child, team) in found:
            raise Refused(f"pair {child} and {team}: twice")
        if abs(worth) >= MOST:
            raise Refused(f"pair {child} and {team}: weight and bonus overflow")
        found[child, team] = worth
    return found


def _pinned(
    couples: list[tuple[Id, Id]],
    forbidden: list[tuple[Id, Id]],
    weight: Mapping[tuple[Id, Id], int],
    capacity: Mapping[Id, int],
) -> dict[Id, Id]:
    pinned: dict[Id, Id] = {}
    for child, team in couples:
        named = f"pinned {child} and {team}"
        if child in pinned:
            raise Refused(f"{named}: the child is pinned twice")
        if (child, team) in forbidden:
            raise Refused(f"{named}: forbidden as well")
        if (child, team) not in weight:
            raise Refused(f"{named}: no such pair")
        pinned[child] = team
        if list(pinned.values()).count(team) > capacity[team]:
            raise Refused(f"{named}: more pinned than places")
    return pinned


def _list(given: Mapping[str, object], key: str) -> list[object]:
    found = given.get(key, [])
    if not isinstance(found, list):
        raise Refused(f"{key}: not a list")
    return found


def _numbers(rows: list[object], kind: str, name: str) -> dict[Id, int]:
    """Return a number for each id; ids that print alike count as the same."""
    found: dict[Id, int] = {}
    printed: set[str] = set()
    for row in rows:
        if not isinstance(row, dict) or not {"id"} <= row.keys() <= {"id", name}:
            raise Refused(f"{kind} {row!r}: not id and {name}")
        one = _id(row["id"], kind)
        if str(one) in printed:
            raise Refused(f"{kind} {one}: twice")
        printed.add(str(one))
        if name not in row and name == "capacity":
            raise Refused(f"{kind} {one}: no capacity")
        found[one] = _whole(row.get(name, 0), f"{kind} {one}: {name}")
    return found


def _couples(
    rows: list[object], kind: str, known: tuple[Mapping[Id, int], Mapping[Id, int]]
) -> list[tuple[Id, Id]]:
    found = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 2:
            raise Refused(f"{kind} {row!r}: not a child and a team")
        found.append(_known(row[0], row[1], kind, known))
    return found


def _known(
    child: object, team: object, kind: str, known: tuple[Mapping[Id, int], Mapping[Id, int]]
) -> tuple[Id, Id]:
    children, teams = known
    one, other = _id(child, kind), _id(team, kind)
    if one not in children:
        raise Refused(f"{kind} {one} and {other}: unknown child {one}")
    if other not in teams:
        raise Refused(f"{kind} {one} and {other}: unknown team {other}")
    return one, other


def _id(given: object, kind: str) -> Id:
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise Refused(f"{kind} {given!r}: an id is a whole number or a text")
    return given


def _whole(given: object, named: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise Refused(f"{named} {given!r} is not a whole number")
    if abs(given) >= MOST:
        raise Refused(f"{named} {given} overflows")
    return given


def _sorted(ids: Mapping[Id, int]) -> list[Id]:
    """Return whole numbers in their order, then texts in theirs: the order of rows is nothing."""
    numbers: list[Id] = [*sorted(one for one in ids if isinstance(one, int))]
    return numbers + sorted(one for one in ids if isinstance(one, str))
