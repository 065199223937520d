"""Find the cheapest way to serve one more child, or to take one place away.

The child may take a free place, or somebody's, who then looks further; the way ends at a free
place or with the child that loses least by going without. Dijkstra over teams and full slots, on
what each step costs at today's prices; afterwards the prices are such that the way costs nothing.
"""

import heapq
from collections.abc import Iterator

from pairings.matching.solver.problem import bits
from pairings.matching.solver.search import SPAN, Search
from pairings.matching.solver.standing import Standing

OWN_TEAM = -1
"""A slot that is reached because its team gives a place away."""


def serve(standing: Standing, child: int) -> None:
    """Place a child without a team as well as can be; it may stay without at utility 0."""
    search = _Outward(standing, standing.utility[child], child)
    search.look(child, 0)
    search.run()
    search.settle()
    standing.utility[child] -= search.best
    search.move(child)


def give_up_place(standing: Standing, team: int) -> None:
    """Let a team that holds one child more than it has places give up whoever costs least."""
    search = _Outward(standing, 4 * max(1, standing.problem.heaviest()), -1)
    search.reach(team * SPAN, 0, (OWN_TEAM, 0))
    search.run()
    search.settle()
    search.move(-1)


class _Outward(Search):
    __slots__ = ("came", "end")

    def __init__(self, standing: Standing, best: int, start: int) -> None:
        super().__init__(standing, best)
        self.came: dict[int, tuple[int, int]] = {}
        """For each node who would enter there, and into which slot."""
        self.end = (-1, start)
        """The node with a place, or -1 and the child that goes without."""

    def leave(self, node: int, distance: int) -> None:
        team, slot = divmod(node, SPAN)
        if slot:
            self._push_out(self.standing.at[team][slot - 1], distance)
        elif self.standing.problem.lanes[team]:
            self._any_slot(team, distance)
        else:
            self._push_out(self.standing.at[team].get(0, []), distance)

    def look(self, child: int, distance: int) -> None:
        """Look at what else a child could have, once it costs this much to get it moving."""
        standing = self.standing
        price, full, lanes = standing.price, standing.full, standing.problem.lanes
        base = distance + standing.utility[child]
        options = standing.problem.options[child]
        for team, weight, slots in zip(options.teams, options.weights, options.slots, strict=True):
            if base - weight >= self.best:
                break
            far = base - weight + price[team]
            if far >= self.best:
                continue
            if not lanes[team]:
                self.reach(team * SPAN, far, (child, 0))
                continue
            free = slots & ~full[team]
            if free:
                self.reach(team * SPAN, far, (child, (free & -free).bit_length() - 1))
            else:
                for slot in bits(slots):
                    extra = standing.steep[team].get(slot, 0)
                    self.reach(team * SPAN + slot + 1, far + extra, (child, slot))

    def reach(self, node: int, distance: int, came: tuple[int, int]) -> None:
        if distance >= self.best or distance >= self.distance.get(node, self.best):
            return
        self.distance[node] = distance
        self.came[node] = came
        team, slot = divmod(node, SPAN)
        if self.standing.kept(team, slot - 1) if slot else self.standing.room(team):
            self.best, self.end = distance, (node, -1)
        else:
            heapq.heappush(self.heap, (distance, node))

    def _any_slot(self, team: int, distance: int) -> None:
        """Whoever leaves one of the team's slots makes a place for another of its slots."""
        steep = self.standing.steep[team]
        for slot, here in self.standing.at[team].items():
            if here or slot in steep:
                node = team * SPAN + slot + 1
                self.reach(node, distance + steep.get(slot, 0), (OWN_TEAM, slot))

    def _push_out(self, here: list[int], distance: int) -> None:
        for child in here:
            if distance + self.standing.utility[child] < self.best:
                self.best = distance + self.standing.utility[child]
                self.end = (-1, child)
            self.look(child, distance)

    def settle(self) -> None:
        """Raise prices along the way; who stays where they are pays what that costs now."""
        standing = self.standing
        for team in dict.fromkeys(node // SPAN for node in self.done):
            rise = self.short_of_best(team * SPAN)
            standing.price[team] += rise
            for slot, here in standing.at[team].items():
                if not here and slot not in standing.steep[team]:
                    continue
                own = rise
                if standing.problem.lanes[team]:
                    own = self.short_of_best(team * SPAN + slot + 1)
                    standing.steepen(team, slot, own - rise)
                for child in here:
                    standing.utility[child] -= own

    def move(self, start: int) -> None:
        """Let everybody on the way take the next one's place, from its end back."""
        standing = self.standing
        node, child = self.end
        if node < 0:
            if child == start:
                return
            node = self._node_of(child)
            standing.leave(child)
        standing.move(list(self._way_back(node, start)))

    def _way_back(self, node: int, start: int) -> Iterator[tuple[int, int, int]]:
        """Yield who enters where, from a node back to where the way began."""
        child = OWN_TEAM - 1
        while child != start:
            child, slot = self.came[node]
            if child == OWN_TEAM:  # the team of the slot was entered, or it gives up a place
                child, slot = self.came[node - node % SPAN]
            if child == OWN_TEAM:
                return
            yield child, node // SPAN, slot
            node = self._node_of(child)

    def _node_of(self, child: int) -> int:
        team, slot = self.standing.team_of[child], self.standing.slot_of[child]
        return team * SPAN + slot + 1 if self.standing.problem.lanes[team] else team * SPAN
