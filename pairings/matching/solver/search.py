"""Dijkstra over teams and full slots: what both ways of mending a standing have in common."""

import heapq

from pairings.matching.solver.standing import Standing

SPAN = 64
"""Nodes are numbers: a team is team * SPAN, its slot is one more than team * SPAN + slot."""


class Search:
    """The nodes that cost less than the best end found so far, the nearest first."""

    __slots__ = ("best", "distance", "done", "heap", "standing")

    def __init__(self, standing: Standing, best: int) -> None:
        self.standing, self.best = standing, best
        self.distance: dict[int, int] = {}
        self.done: list[int] = []
        self.heap: list[tuple[int, int]] = []

    def run(self) -> None:
        while self.heap:
            distance, node = heapq.heappop(self.heap)
            if distance >= self.best:
                break
            if distance > self.distance[node]:
                continue
            self.done.append(node)
            self.leave(node, distance)

    def leave(self, node: int, distance: int) -> None:
        """Go on from a node that is reached for the least it can cost."""
        raise NotImplementedError

    def short_of_best(self, node: int) -> int:
        """Return how much less than the best a node costs; 0 where it was not reached."""
        return max(0, self.best - self.distance.get(node, self.best))
