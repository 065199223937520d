"""The best pairs of all: those whose points together are the most that is possible.

A general graph's maximum weight matching up to MOST_OPTIMAL people, over every pair that the rules
allow; above that the best pair first, then the next. Candidates are never cut to the best few of
each person: everybody's best few are the same people, and a third would stay alone (measured).
People are taken in the order of their ids, so the order in which they come changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import rustworkx

from volunteers.teams.forming.rules import Barred, Bond, Side, Terms, Why, judge

MOST_OPTIMAL = 2000
TOLD_EVERY = 50
"""People after whose pairs whoever waits is told how far it is."""

Told = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody without a partner; `many` is how many people the reason takes away."""

    id: int
    why: Why
    many: int = 0


@dataclass(frozen=True, slots=True)
class Best:
    """The pairs, who is left, and what taking the best pair first would have given."""

    bonds: tuple[Bond, ...]
    left: tuple[Left, ...]
    optimal: bool
    points: int
    greedy_pairs: int
    greedy_points: int


@dataclass(slots=True)
class Graph:
    """Who suits whom: for each number of points the pairs, as places in the order of ids."""

    sides: Sequence[Side]
    by_points: dict[int, list[int]]
    suits: list[int]
    """How many people suit each."""
    against: list[Counter[Why]]

    def edges(self) -> Iterator[tuple[int, int, int]]:
        """Yield (place, place, points), the most points first."""
        size = len(self.sides)
        for points in sorted(self.by_points, reverse=True):
            for coded in self.by_points[points]:
                yield *divmod(coded, size), points


def best(sides: Sequence[Side], terms: Terms, barred: Barred, told: Told) -> Best:
    """Return the best pairs. `told` is called with how many of how many people are judged."""
    seeking = sorted((one for one in sides if _kept_out(one) is None), key=lambda one: one.id)
    graph = graph_of(seeking, terms, barred, told)
    greedy = _greedy(graph)
    optimal = len(seeking) <= MOST_OPTIMAL
    chosen = _optimal(graph) if optimal else greedy
    bonds = [_bond(graph, pair, terms, barred) for pair in sorted(chosen)]
    greedy_points = sum(_bond(graph, pair, terms, barred).points for pair in greedy)
    return Best(
        bonds=tuple(bonds),
        left=tuple(_left(sides, graph, chosen)),
        optimal=optimal,
        points=sum(bond.points for bond in bonds),
        greedy_pairs=len(greedy),
        greedy_points=greedy_points,
    )


def _kept_out(side: Side) -> Why | None:
    """Return what keeps somebody from every pair, whoever the other is."""
    if side.against is not None:
        return side.against
    return None if side.term or side.breaks else Why.NO_FREE_TIME


def graph_of(seeking: Sequence[Side], terms: Terms, barred: Barred, told: Told) -> Graph:
    """Judge every two of these people, who are in the order of their ids."""
    size = len(seeking)
    graph = Graph(seeking, {}, [0] * size, [Counter() for _one in seeking])
    for place, one in enumerate(seeking):
        if place % TOLD_EVERY == 0:
            told(place, size)
        for other in range(place + 1, size):
            found = judge(one, seeking[other], terms, barred)
            if isinstance(found, Bond):
                graph.by_points.setdefault(found.points, []).append(place * size + other)
                graph.suits[place] += 1
                graph.suits[other] += 1
            else:
                graph.against[place][found] += 1
                graph.against[other][found] += 1
    return graph


def _greedy(graph: Graph) -> list[tuple[int, int]]:
    taken: set[int] = set()
    pairs = []
    for one, two, _points in graph.edges():
        if one not in taken and two not in taken:
            taken |= {one, two}
            pairs.append((one, two))
    return pairs


def _optimal(graph: Graph) -> list[tuple[int, int]]:
    drawn: rustworkx.PyGraph[None, int] = rustworkx.PyGraph(multigraph=False)
    drawn.add_nodes_from([None] * len(graph.sides))
    drawn.add_edges_from(list(graph.edges()))
    found = rustworkx.max_weight_matching(drawn, weight_fn=int)
    return [(min(pair), max(pair)) for pair in found]


def _bond(graph: Graph, pair: tuple[int, int], terms: Terms, barred: Barred) -> Bond:
    """Judge a chosen pair once more: of all that suit, only the points were kept."""
    found = judge(graph.sides[pair[0]], graph.sides[pair[1]], terms, barred)
    if not isinstance(found, Bond):
        raise TypeError(f"a pair that no rule allows: {found}")
    return found


def _left(sides: Sequence[Side], graph: Graph, chosen: Sequence[tuple[int, int]]) -> Iterator[Left]:
    """Yield everybody without a partner, by their ids, with the reason that weighs most."""
    paired = {graph.sides[place].id for pair in chosen for place in pair}
    places = {side.id: place for place, side in enumerate(graph.sides)}
    for side in sorted(sides, key=lambda one: one.id):
        kept_out = _kept_out(side)
        if kept_out is not None:
            yield Left(side.id, kept_out)
        elif side.id not in paired:
            yield _alone(side.id, graph, places[side.id])


def _alone(volunteer_id: int, graph: Graph, place: int) -> Left:
    if len(graph.sides) == 1:
        return Left(volunteer_id, Why.ALONE)
    if graph.suits[place]:
        return Left(volunteer_id, Why.OTHERS, graph.suits[place])
    counted = graph.against[place]
    why = max(Why, key=lambda one: counted[one])  # the first of those that weigh the same
    return Left(volunteer_id, why, counted[why])
