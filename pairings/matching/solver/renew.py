"""Changes of a solved problem: from yesterday's prices to today's, touching what has to move.

Each change leaves the standing as good as a solution from the beginning, and proved the same
way. Pairs are shared between copies of a problem, so a change replaces a child's pairs.
"""

from array import array
from collections.abc import Iterable

from pairings.matching.solver.inward import fill_place, fill_slot
from pairings.matching.solver.outward import give_up_place, serve
from pairings.matching.solver.problem import Options, Pair, Takers
from pairings.matching.solver.standing import Standing


def renew(standing: Standing, child: int) -> None:
    """Put a child right whose pairs have changed."""
    standing.utility[child] = best = standing.best(child)
    team, slot = standing.team_of[child], standing.slot_of[child]
    if team >= 0:
        pair = standing.problem.options[child].find(team)
        able = pair is not None and (not standing.problem.lanes[team] or pair[2] >> slot & 1)
        extra = standing.steep[team].get(slot, 0)
        if pair is None or not able or pair[1] - standing.price[team] - extra != best:
            standing.leave(child)
            fill_slot(standing, team, slot)
    if standing.team_of[child] < 0 and standing.utility[child] > 0:
        serve(standing, child)


def child_in(standing: Standing, pairs: list[Pair]) -> int:
    """Add a child; return its number."""
    child = len(standing.problem.options)
    standing.problem.options.append(Options())
    standing.utility.append(0)
    standing.team_of.append(-1)
    standing.slot_of.append(-1)
    set_pairs(standing, child, pairs)
    return child


def child_out(standing: Standing, child: int) -> None:
    """Take a child out: it keeps its number and has no pairs any more."""
    set_pairs(standing, child, [])


def set_pairs(standing: Standing, child: int, pairs: Iterable[Pair]) -> None:
    """Give a child other pairs."""
    before = standing.problem.options[child]
    standing.problem.options[child] = now = Options.of(pairs)
    if standing.takers is not None:
        held = {pair[0]: pair for pair in now.pairs()}
        for team in {*before.teams, *held}:
            standing.takers[team] = standing.takers[team].put(child, held.get(team))
    renew(standing, child)


def set_capacity(standing: Standing, team: int, capacity: int) -> None:
    """Give a team more places or fewer; whoever has to leave is who costs least."""
    before = standing.problem.capacity[team]
    if before == 0 < capacity:
        _close(standing, team)
    while standing.problem.capacity[team] > capacity:
        standing.problem.capacity[team] -= 1
        if standing.load[team] > standing.problem.capacity[team]:
            give_up_place(standing, team)
    standing.problem.capacity[team] = capacity
    _fill(standing, team)


def team_in(standing: Standing, capacity: int, lanes: int, pairs: dict[int, Pair]) -> int:
    """Add a team with its pairs by child; return its number."""
    team = len(standing.problem.capacity)
    standing.problem.capacity.append(0)
    standing.problem.lanes.append(lanes)
    standing.price.append(0)
    standing.steep.append({})
    standing.at.append({})
    standing.load.append(0)
    standing.full.append(0)
    for child, (_team, weight, slots) in pairs.items():
        options = standing.problem.options[child]
        standing.problem.options[child] = Options.of([*options.pairs(), (team, weight, slots)])
    if standing.takers is not None:
        weights = array("q", [pairs[child][1] for child in sorted(pairs)])
        standing.takers.append(Takers(array("i", sorted(pairs)), weights))
    _close(standing, team)
    set_capacity(standing, team, capacity)
    return team


def team_out(standing: Standing, team: int) -> None:
    """Take all places of a team away."""
    set_capacity(standing, team, 0)


def _close(standing: Standing, team: int) -> None:
    """Set the price of a team without places to where nobody would come."""
    takers = standing.takers_of(team)
    standing.price[team] = max(
        [0]
        + [
            weight - standing.utility[child]
            for child, weight in zip(takers.children, takers.weights, strict=True)
        ]
    )


def _fill(standing: Standing, team: int) -> None:
    while standing.price[team] > 0 and standing.room(team):
        fill_place(standing, team)
