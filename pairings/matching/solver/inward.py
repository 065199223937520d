"""Find who should come to a free place: a chain of vacancies, walked back from the place.

Somebody without a team may come, or somebody who leaves another place free, and so on; the chain
ends with a child that had none, or where a place may stay free because it has no price left.
The mirror of `outward`: prices fall along the chain instead of rising.
"""

import heapq

from pairings.matching.solver.search import SPAN, Search
from pairings.matching.solver.standing import Standing

FROM_SLOT = -1


def fill(standing: Standing) -> None:
    """Fill every kept or free place that has a price, or take the price away."""
    for team, steep in enumerate(standing.steep):
        for slot in sorted(steep):
            if slot in steep:
                fill_slot(standing, team, slot)
    for team, many in enumerate(standing.problem.capacity):
        while standing.price[team] > 0 and standing.load[team] < many:
            fill_place(standing, team)


def fill_slot(standing: Standing, team: int, slot: int) -> None:
    """Fill the place that somebody has left in a slot; the slot may have cost extra."""
    if slot not in standing.steep[team]:
        if standing.price[team] > 0 and standing.room(team):
            fill_place(standing, team)
        return
    while standing.kept(team, slot):
        _search(standing, team, slot)


def fill_place(standing: Standing, team: int) -> None:
    _search(standing, team, -1)


def _search(standing: Standing, team: int, slot: int) -> None:
    search = _Inward(standing, team, slot)
    search.run()
    search.settle()
    search.move()


class _Inward(Search):
    __slots__ = ("came", "end")

    def __init__(self, standing: Standing, team: int, slot: int) -> None:
        super().__init__(standing, standing.price[team] + standing.steep[team].get(slot, 0))
        start = team * SPAN + slot + 1
        self.distance[start] = 0
        self.heap.append((0, start))
        self.came: dict[int, tuple[int, int, int]] = {}
        """For each node who would leave it, towards which node, into which slot."""
        self.end: tuple[int, int, int] | int = team * SPAN
        """The team whose place stays free, or a child without a team and where it enters."""

    def leave(self, node: int, distance: int) -> None:
        team, slot = divmod(node, SPAN)
        if slot:
            extra = self.standing.steep[team].get(slot - 1, 0)
            self._reach(team * SPAN, distance + extra, (FROM_SLOT, node, 0))
            self._ask(node, distance + extra)
        else:
            if distance + self.standing.price[team] < self.best:
                self.best = distance + self.standing.price[team]
                self.end = node
            self._ask(node, distance)

    def _ask(self, node: int, distance: int) -> None:
        """Ask everybody what coming here would cost them, above what they have."""
        standing = self.standing
        team = node // SPAN
        takers = standing.takers_of(team)
        base = distance + standing.price[team]
        for child, weight in zip(takers.children, takers.weights, strict=True):
            far = base + standing.utility[child] - weight
            if far >= self.best:
                continue
            into = self._into(child, node)
            if into < 0:
                continue
            if standing.team_of[child] < 0:
                self.best, self.end = far, (child, node, into)
            else:
                self._reach(self._left_by(child), far, (child, node, into))

    def _into(self, child: int, node: int) -> int:
        """Return the slot in which a child could come to a node, or -1."""
        standing = self.standing
        team, slot = divmod(node, SPAN)
        if not standing.problem.lanes[team]:
            return 0
        pair = standing.problem.options[child].find(team)
        slots = pair[2] if pair else 0
        if slot:
            return slot - 1 if slots >> (slot - 1) & 1 else -1
        free = slots & ~standing.full[team]
        return (free & -free).bit_length() - 1

    def _left_by(self, child: int) -> int:
        """Return what a child would leave free: its slot, where that is full, or a place."""
        standing = self.standing
        team, slot = standing.team_of[child], standing.slot_of[child]
        if standing.problem.lanes[team] and standing.full[team] >> slot & 1:
            return team * SPAN + slot + 1
        return team * SPAN

    def _reach(self, node: int, distance: int, came: tuple[int, int, int]) -> None:
        if distance < self.distance.get(node, self.best):
            self.distance[node] = distance
            self.came[node] = came
            heapq.heappush(self.heap, (distance, node))

    def settle(self) -> None:
        """Lower prices along the chain; who stays where they are gains what that saves."""
        standing = self.standing
        for team in dict.fromkeys(node // SPAN for node in self.done):
            fall = self.short_of_best(team * SPAN)
            standing.price[team] -= fall
            for slot, here in standing.at[team].items():
                own = fall
                if standing.problem.lanes[team] and standing.full[team] >> slot & 1:
                    own = self.short_of_best(team * SPAN + slot + 1)
                    standing.steepen(team, slot, fall - own)
                for child in here:
                    standing.utility[child] += own

    def move(self) -> None:
        """Let everybody in the chain go to the place that the next one leaves."""
        moves: list[tuple[int, int, int]] = []
        came = (FROM_SLOT, self.end, 0) if isinstance(self.end, int) else self.end
        while True:
            child, node, slot = came
            if child != FROM_SLOT:
                moves.append((child, node // SPAN, slot))
            if node not in self.came:
                break
            came = self.came[node]
        self.standing.move(moves)
