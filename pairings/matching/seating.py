"""Which child meets a team in which slot, once it is settled who has the team."""

from pairings.matching.solver.problem import bits
from pairings.matching.solver.standing import Standing


def seated(standing: Standing) -> dict[int, int]:
    """Return the slot of each child that has a team, both by number."""
    found: dict[int, int] = {}
    for team, held in enumerate(standing.at):
        children = sorted(child for here in held.values() for child in here)
        options = [standing.problem.options[child].find(team) for child in children]
        usable = [pair[2] for pair in options if pair]
        found.update(zip(children, seats(usable, standing.problem.lanes[team]), strict=True))
    return found


def seats(usable: list[int], lanes: int) -> list[int]:
    """Return a slot for each child, in their order; at most `lanes` children in one.

    `usable` holds each child's slots as bits, and that they fit has been proved. Each takes the
    first slot with room, or lets somebody move on (augmenting paths, Kuhn), so the outcome depends
    on the order and the slots alone. Without lanes everybody has slot 0.
    """
    if not lanes:
        return [0] * len(usable)
    seating = _Seating(usable, lanes)
    for child in range(len(usable)):
        seating.seat(child)
    return [seating.slot_of[child] for child in range(len(usable))]


class _Seating:
    __slots__ = ("held", "lanes", "slot_of", "usable")

    def __init__(self, usable: list[int], lanes: int) -> None:
        self.usable, self.lanes = usable, lanes
        self.slot_of: dict[int, int] = {}
        self.held: dict[int, list[int]] = {}

    def seat(self, child: int) -> None:
        came: dict[int, int] = {}
        looking = [child]
        for mover in looking:
            for slot in bits(self.usable[mover]):
                if slot in came:
                    continue
                came[slot] = mover
                here = self.held.setdefault(slot, [])
                if len(here) < self.lanes:
                    self._shift(slot, came, child)
                    return
                looking += [other for other in here if other not in looking]

    def _shift(self, slot: int, came: dict[int, int], child: int) -> None:
        mover = -1
        while mover != child:
            mover = came[slot]
            left = self.slot_of.get(mover, -1)
            self.slot_of[mover] = slot
            self.held[slot].append(mover)
            if mover != child:
                self.held[left].remove(mover)
            slot = left
