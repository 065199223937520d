"""Who stands where while a solution is being found or changed, with the prices so far.

What holds between any two searches (the searches rely on it, the certificate checks it):

- no pair is worth more than utility + price + the cheapest of its slots' extra prices;
- a child that has a team gets exactly that: its pair is tight;
- a slot with an extra price counts as full: places in it are kept for whoever pays that, and
  are part of the load.

What may still be open: a child without a team whose utility is above 0 (`outward` mends it), a
team with a free place whose price is above 0 and a place that is kept (`inward` mends both).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pairings.matching.solver.problem import Problem, Solution, Takers, bits


@dataclass(slots=True)
class Standing:
    problem: Problem
    utility: list[int]
    price: list[int]
    steep: list[dict[int, int]]
    team_of: list[int]
    slot_of: list[int]
    at: list[dict[int, list[int]]]
    """The children of each team by slot."""
    load: list[int]
    full: list[int]
    """The slots of each team, as bits, that hold as many children as they can."""
    takers: list[Takers] | None = field(default=None)
    """Made when first asked for."""

    @classmethod
    def empty(
        cls, problem: Problem, price: list[int], steep: Sequence[Mapping[int, int]] = ()
    ) -> "Standing":
        """Begin with nobody placed, at prices as given; utilities follow from them."""
        teams, children = len(problem.capacity), len(problem.options)
        made = cls(
            problem=problem,
            utility=[0] * children,
            price=price,
            steep=[{} for _team in range(teams)],
            team_of=[-1] * children,
            slot_of=[-1] * children,
            at=[{} for _team in range(teams)],
            load=[0] * teams,
            full=[0] * teams,
        )
        for team, extras in enumerate(steep):
            for slot, extra in extras.items():
                made.charge(team, slot, extra)
        for child in range(children):
            made.utility[child] = made.best(child)
        return made

    def copy(self) -> "Standing":
        """Return a copy on which a change can be tried; the pairs themselves are shared."""
        return Standing(
            problem=self.problem.copy(),
            utility=list(self.utility),
            price=list(self.price),
            steep=[dict(extra) if extra else {} for extra in self.steep],
            team_of=list(self.team_of),
            slot_of=list(self.slot_of),
            at=[{slot: list(here) for slot, here in held.items()} for held in self.at],
            load=list(self.load),
            full=list(self.full),
            takers=list(self.takers) if self.takers is not None else None,
        )

    def on_top(self, team: int, slots: int) -> int:
        """Return what the cheapest of the slots costs on top of the team's price."""
        steep = self.steep[team]
        if not steep:
            return 0
        return min((steep.get(slot, 0) for slot in bits(slots)), default=0)

    def best(self, child: int) -> int:
        """Return the most a child could get at these prices; 0 is going without."""
        found = 0
        for team, weight, slots in self.problem.options[child].pairs():
            if weight <= found:
                break
            offer = weight - self.price[team]
            if offer > found:
                offer -= self.on_top(team, slots)
            found = max(found, offer)
        return found

    def open_for(self, team: int, slots: int, extra: int) -> int:
        """Return which of the slots have a place for exactly this on top of the team's price.

        Of a team without lanes all have, while it has room.
        """
        if extra == 0 and self.room(team):
            return slots & ~self.full[team] if self.problem.lanes[team] else slots
        return sum(
            1 << slot
            for slot, cost in self.steep[team].items()
            if cost == extra and slots >> slot & 1 and self.kept(team, slot)
        )

    def kept(self, team: int, slot: int) -> bool:
        """Whether a place in a slot is kept for whoever pays its price."""
        return (
            slot in self.steep[team] and len(self.at[team].get(slot, ())) < self.problem.lanes[team]
        )

    def charge(self, team: int, slot: int, extra: int) -> None:
        """Let a slot in which nobody is yet cost something on top of its team."""
        self.at[team][slot] = []
        self.steep[team][slot] = extra
        self.load[team] += self.problem.lanes[team]
        self.full[team] |= 1 << slot

    def room(self, team: int) -> bool:
        return self.load[team] < self.problem.capacity[team]

    def place(self, child: int, team: int, slot: int) -> None:
        self.team_of[child], self.slot_of[child] = team, slot
        here = self.at[team].setdefault(slot, [])
        self.load[team] += not self.kept(team, slot)
        here.append(child)
        if len(here) == self.problem.lanes[team]:
            self.full[team] |= 1 << slot

    def leave(self, child: int) -> None:
        team, slot = self.team_of[child], self.slot_of[child]
        self.at[team][slot].remove(child)
        if slot not in self.steep[team]:  # else its place is kept
            self.load[team] -= 1
            self.full[team] &= ~(1 << slot)
        self.team_of[child] = self.slot_of[child] = -1

    def move(self, moves: Sequence[tuple[int, int, int]]) -> None:
        """Let each child go to a team and a slot, all at once."""
        for child, _team, _slot in moves:
            if self.team_of[child] >= 0:
                self.leave(child)
        for child, team, slot in moves:
            self.place(child, team, slot)

    def steepen(self, team: int, slot: int, by: int) -> None:
        """Let a slot cost more on top of its team, or less where negative."""
        extra = self.steep[team].get(slot, 0) + by
        if extra > 0:
            self.steep[team][slot] = extra
        else:
            if self.kept(team, slot):
                self.load[team] -= self.problem.lanes[team] - len(self.at[team][slot])
                self.full[team] &= ~(1 << slot)
            self.steep[team].pop(slot, None)

    def takers_of(self, team: int) -> Takers:
        """Return the children that have a pair with a team."""
        if self.takers is None:
            self.takers = [Takers() for _team in self.problem.capacity]
            for child, options in enumerate(self.problem.options):
                for other, weight in zip(options.teams, options.weights, strict=True):
                    self.takers[other].children.append(child)
                    self.takers[other].weights.append(weight)
        return self.takers[team]

    def solution(self) -> Solution:
        """Return what has been found; the certificate is somebody else's."""
        worth = 0
        for child, team in enumerate(self.team_of):
            pair = self.problem.options[child].find(team) if team >= 0 else None
            worth += pair[1] if pair else 0
        return Solution(
            list(self.team_of),
            list(self.slot_of),
            list(self.utility),
            list(self.price),
            [dict(extra) for extra in self.steep],
            worth,
        )
