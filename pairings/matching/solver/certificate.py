"""Whether a solution is the best there is, from its numbers alone: integers, no tolerance.

Any prices of places and slots that leave no pair underpaid bound what any matching can be worth
(weak duality): a matching that is worth exactly the bound cannot be beaten. This module knows
nothing of how the numbers were found, so that it can be read and trusted by itself.
"""

from collections import Counter
from collections.abc import Iterator

from pairings.matching.kernel.solving import underpaid
from pairings.matching.solver.problem import Problem, Solution, bits


class NotProved(Exception):
    """The numbers do not prove what they claim; the message names the first that fails."""


def prove(problem: Problem, solution: Solution) -> None:
    """Raise NotProved unless the solution is allowed and nothing is worth more."""
    for fault in faults(problem, solution):
        raise NotProved(fault)


def faults(problem: Problem, solution: Solution) -> Iterator[str]:
    """Yield what is wrong, in words with indices."""
    sizes = (len(solution.team_of), len(solution.slot_of), len(solution.utility))
    if sizes != (len(problem.options),) * 3:
        yield "not one answer for each child"
        return
    if not len(solution.price) == len(solution.steep) == len(problem.capacity):
        yield "not one price for each team"
        return
    yield from _places(problem, solution)
    yield from _prices(problem, solution)
    yield from _sums(problem, solution)


def _places(problem: Problem, solution: Solution) -> Iterator[str]:
    """Each match is one of the child's pairs, and no team or slot holds more than it can."""
    load: Counter[int] = Counter()
    slot_load: Counter[tuple[int, int]] = Counter()
    for child, team in enumerate(solution.team_of):
        if team == -1:
            continue
        pair = problem.options[child].find(team)
        slot = solution.slot_of[child]
        if pair is None:
            yield f"child {child} has no pair with team {team}"
        elif problem.lanes[team] and (slot < 0 or not pair[2] >> slot & 1):
            yield f"child {child} and team {team} cannot meet in slot {slot}"
        load[team] += 1
        slot_load[team, slot] += 1
    for team, held in load.items():
        if held > problem.capacity[team]:
            yield f"team {team} has {held} children for {problem.capacity[team]} places"
    for (team, slot), held in slot_load.items():
        if 0 < problem.lanes[team] < held:
            yield f"team {team} is at {held} children in slot {slot}"


def _prices(problem: Problem, solution: Solution) -> Iterator[str]:
    """Nothing is negative, and no pair is worth more than child, place and slot together."""
    for child, utility in enumerate(solution.utility):
        if utility < 0:
            yield f"child {child} has a negative utility"
    for team, price in enumerate(solution.price):
        if price < 0 or any(extra < 0 for extra in solution.steep[team].values()):
            yield f"team {team} has a negative price"
    if underpaid(problem, solution) is False:
        return
    for child, options in enumerate(problem.options):
        for team, weight, slots in options.pairs():
            paid = solution.utility[child] + solution.price[team]
            if paid < weight and paid + _extra(problem, solution, team, slots) < weight:
                yield f"child {child} and team {team} are worth more than they are priced"


def _extra(problem: Problem, solution: Solution, team: int, slots: int) -> int:
    """Return what the cheapest of the slots costs on top of the team."""
    steep = solution.steep[team]
    if not steep or not problem.lanes[team]:
        return 0
    return min((steep.get(slot, 0) for slot in bits(slots)), default=0)


def _sums(problem: Problem, solution: Solution) -> Iterator[str]:
    """The matching is worth what it says, and exactly the bound that the prices give."""
    worth = 0
    for child, team in enumerate(solution.team_of):
        pair = problem.options[child].find(team) if team >= 0 else None
        worth += pair[1] if pair else 0
    if worth != solution.value:
        yield f"the matching is worth {worth}, not {solution.value}"
    bound = sum(solution.utility)
    for team, price in enumerate(solution.price):
        bound += problem.capacity[team] * price
        if problem.lanes[team]:
            bound += problem.lanes[team] * sum(solution.steep[team].values())
    if bound != solution.value:
        yield f"the prices allow {bound}, the matching is worth {solution.value}"
