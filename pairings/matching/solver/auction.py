"""A first, nearly best placing: children bid for teams, in rounds of ever smaller steps.

Each child offers its best team what makes that no better than its second best, plus a step; who
is outbid bids again. A round ends when nobody wants to bid, within a step a child of the best;
the next one begins a little below the prices it found. Bertsekas and Castañón describe the
method for places of equal worth. Rounds are bounded: what they leave open the exact search does.
"""

from pairings.matching.solver.bids import Bids, PlainBids, SlotBids
from pairings.matching.solver.problem import Problem
from pairings.matching.solver.standing import Standing

FIRST = 8
"""The first step is the heaviest weight over this."""
FINER = 8
FALL = 3
"""How many steps prices fall between two rounds: far enough that hardly any place stays free at
a price that nobody pays, because each of those takes a long search."""
PATIENCE = 8
"""How many bids a child has on average in one round: what is open then the search does faster."""
RATES = (FIRST, FINER, FALL, PATIENCE)


def steps(heaviest: int, grain: int) -> list[int]:
    """Return the steps of the rounds, from the data: down to three grains."""
    found = [max(heaviest // FIRST, FALL * grain, 1)]
    while found[-1] > FALL * grain:
        found.append(max(found[-1] // FINER, FALL * grain, 1))
    return found


def auction(problem: Problem, grain: int) -> Standing:
    """Return a standing in which nearly everybody is where they would be at best."""
    heaviest = max(
        (options.weights[0] for options in problem.options if options.weights), default=0
    )
    dear = max(heaviest, 0)
    held: list[Bids] = [
        SlotBids(many, lanes, 0 if many else dear)
        if lanes
        else PlainBids(many, 0 if many else dear)
        for many, lanes in zip(problem.capacity, problem.lanes, strict=True)
    ]
    last = 0
    for step in steps(heaviest, grain) if heaviest > 0 else []:
        held = [team.again(FALL * last) for team in held]
        _Round(problem, held).run(step, PATIENCE)
        last = step
    standing = Standing.empty(problem, [team.price for team in held], [_extra(one) for one in held])
    _keep(standing, held)
    return standing


class _Round:
    """One round: who waits to bid, and what every place costs by now."""

    __slots__ = ("closed", "dear", "held", "lowest", "options", "prices")

    def __init__(self, problem: Problem, held: list[Bids]) -> None:
        self.held = held
        self.prices = [team.price for team in held]
        self.closed = [team.closed for team in held]
        self.dear = [team.dear for team in held]
        self.options = [(one.teams, one.weights, one.slots) for one in problem.options]
        self.lowest = min(self.prices, default=0)

    def run(self, step: int, patience: int) -> None:
        waiting = list(range(len(self.options) - 1, -1, -1))
        left = patience * len(waiting) + 1000
        while waiting and left:
            left -= 1
            if left % len(self.held) == 0:
                self.lowest = min(self.prices)
            child = waiting.pop()
            team, bid, slots = self._wish(child)
            if team >= 0:
                taken = self.held[team]
                gone = taken.take(bid + step, child, slots)
                self.prices[team], self.closed[team] = taken.price, taken.closed
                self.dear[team] = taken.dear
                if gone >= 0:
                    waiting.append(gone)

    def _wish(self, child: int) -> tuple[int, int, int]:
        """Return a child's best team, what makes it no better than the next, and the slots."""
        prices, closed, lowest = self.prices, self.closed, self.lowest
        first = second = heaviest = chosen = 0
        team = -1
        for other, weight, slots in zip(*self.options[child], strict=True):
            if weight - lowest <= second:
                break
            offer = weight - prices[other]
            if offer <= second:
                continue
            if closed[other] and not slots & ~closed[other]:
                for cost, slot in self.dear[other]:
                    if slots & slot:
                        offer = weight - cost
                        break
            if offer > first:
                first, second, team = offer, first, other
                heaviest, chosen = weight, slots
            elif offer > second:
                second = offer
        return team, heaviest - second, chosen


def _extra(bids: Bids) -> dict[int, int]:
    """Return what closed slots cost on top of their team."""
    return {slot: cost - bids.price for slot, cost in bids.steep.items() if cost > bids.price}


def _keep(standing: Standing, held: list[Bids]) -> None:
    """Place whoever has the best at these prices where they are, then whoever finds room."""
    problem = standing.problem
    for team, bids in enumerate(held):
        for child, slot in bids.placed():
            pair = problem.options[child].find(team)
            paid = standing.price[team] + standing.steep[team].get(slot, 0)
            if pair and pair[1] - paid == standing.utility[child]:
                standing.place(child, team, slot)
    for child, options in enumerate(problem.options):
        wanted = standing.utility[child]
        if standing.team_of[child] >= 0 or wanted <= 0:
            continue
        for team, weight, slots in options.pairs():
            if weight < wanted:  # prices are never negative
                break
            free = standing.open_for(team, slots, weight - standing.price[team] - wanted)
            if free:
                slot = (free & -free).bit_length() - 1 if problem.lanes[team] else 0
                standing.place(child, team, slot)
                break
