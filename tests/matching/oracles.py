"""Two other ways to the optimum, slow and plain: every combination, and a flow by Bellman–Ford."""

import random
from collections.abc import Iterable

from pairings.matching.judging import counting, judge, places_left
from pairings.matching.model import World
from pairings.matching.preparing import prepared
from pairings.matching.solver.problem import Options, Pair, Problem, bits
from pairings.matching.weighing import Weighing, mark, tie


def every_combination(problem: Problem) -> int:
    """Return the most any allowed matching is worth, by trying all of them."""

    def rest(child: int, load: dict[int, int], held: dict[tuple[int, int], int]) -> int:
        if child == len(problem.options):
            return 0
        best = rest(child + 1, load, held)
        for team, weight, slots in problem.options[child].pairs():
            if load.get(team, 0) >= problem.capacity[team]:
                continue
            lanes = problem.lanes[team]
            for slot in bits(slots) if lanes else [0]:
                if lanes and held.get((team, slot), 0) >= lanes:
                    continue
                more = load | {team: load.get(team, 0) + 1}
                fuller = held | {(team, slot): held.get((team, slot), 0) + 1}
                best = max(best, weight + rest(child + 1, more, fuller))
        return best

    return rest(0, {}, {})


def by_flow(problem: Problem) -> int:
    """Return the same by successive shortest paths over child, slot, team and sink."""
    arcs: list[list[int]] = []
    sink, source = ("sink",), ("source",)
    names: dict[tuple[object, ...], int] = {}

    def arc(one: tuple[object, ...], other: tuple[object, ...], room: int, cost: int) -> None:
        ends = [names.setdefault(name, len(names)) for name in (one, other)]
        arcs.append([*ends, room, cost])
        arcs.append([*reversed(ends), 0, -cost])

    arc(source, sink, 0, 0)
    for team, many in enumerate(problem.capacity):
        arc(("team", team), sink, many, 0)
        if lanes := problem.lanes[team]:
            for slot in range(21):
                arc(("slot", team, slot), ("team", team), lanes, 0)
    for child, options in enumerate(problem.options):
        arc(source, ("child", child), 1, 0)
        for team, weight, slots in options.pairs():
            if problem.lanes[team]:
                for slot in bits(slots):
                    arc(("child", child), ("slot", team, slot), 1, -weight)
            else:
                arc(("child", child), ("team", team), 1, -weight)
    worth = 0
    while (gain := _augment(arcs, len(names), names[source], names[sink])) > 0:
        worth += gain
    return worth


def _augment(arcs: list[list[int]], nodes: int, source: int, sink: int) -> int:
    """Send one unit along the cheapest way, if that gains anything; return the gain."""
    far = 1 << 100
    distance = [far] * nodes
    came = [-1] * nodes
    distance[source] = 0
    moved = True
    while moved:
        moved = False
        for number, (start, end, room, cost) in enumerate(arcs):
            if room and distance[start] < far and distance[start] + cost < distance[end]:
                distance[end] = distance[start] + cost
                came[end] = number
                moved = True
    if distance[sink] >= 0:
        return 0
    node = sink
    while node != source:
        arcs[came[node]][2] -= 1
        arcs[came[node] ^ 1][2] += 1
        node = arcs[came[node]][0]
    return -distance[sink]


def a_problem(chance: random.Random, teams: int, children: int, slots: int) -> Problem:
    """Return a problem of up to these sizes, often with many ties."""
    many = chance.randint(0, teams)
    most = chance.choice((1, 2, 4, 30, 1000, 10**15))
    return Problem(
        [chance.choice((0, 1, 1, 2, 3, 5)) for _team in range(many)],
        [chance.choice((0, 0, 1, 1, 2)) for _team in range(many)],
        [
            Options.of(some_pairs(chance, range(many), slots, most))
            for _child in range(chance.randint(0, children))
        ],
    )


def some_pairs(chance: random.Random, teams: Iterable[int], slots: int, most: int) -> list[Pair]:
    """Return pairs with some of the teams; a weight may be nothing or below."""
    return [
        (team, chance.randint(min(-1, most // 2), most), _slots(chance, slots))
        for team in teams
        if chance.random() < 0.7
    ]


def _slots(chance: random.Random, slots: int) -> int:
    few = chance.random() < 0.5
    return 1 << chance.randrange(slots) if few else chance.randint(1, (1 << slots) - 1)


def best_of_world(world: World) -> int:
    """Return the most a small world is worth, groups and children apart included."""
    left, _alarms = prepared(world)
    weighing = Weighing.of(left)
    room = {team.id: places_left(team, counting(team, left.term, 0)) for team in left.teams}
    apart = {one: {other} for one, other in left.apart}
    for one, other in left.apart:
        apart.setdefault(other, set()).add(one)

    def rest(
        number: int, used: dict[int, int], held: frozenset[tuple[int, int]], where: dict[int, int]
    ) -> int:
        if number == len(left.children):
            return 0
        child = left.children[number]
        best = rest(number + 1, used, held, where)
        for team in left.teams:
            verdict = judge(child, team, left)
            heads = used.get(team.id, 0) + child.size
            near = any(where.get(other) == team.id for other in apart.get(child.id, ()))
            if verdict.against or heads > room[team.id] or near:
                continue
            tied = tie(mark("child", child.id), mark("team", team.id))
            weight = weighing.weight(weighing.bonus(child), verdict.score, tied)
            for slot in bits(verdict.slots):
                if (team.id, slot) not in held:
                    more = rest(
                        number + 1,
                        used | {team.id: heads},
                        held | {(team.id, slot)},
                        where | {child.id: team.id},
                    )
                    best = max(best, weight + more)
        return best

    return rest(0, {}, frozenset(), {})
