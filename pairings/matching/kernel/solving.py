"""Solving and mending by the compiled twin; each returns None where plain Python has to do it.

The columns of a problem are read where they lie, so nothing is copied that grows with its pairs.
"""

import ctypes
from array import array
from collections.abc import Sequence
from itertools import islice

from pairings.matching.kernel.loading import Struct, addresses, compiled
from pairings.matching.solver.problem import MOST, Options, Problem, Solution
from pairings.matching.solver.standing import Standing

MOST_TEAMS = 1 << 24
Rates = tuple[int, int, int, int]
"""FIRST, FINER, FALL and patience of the auction."""


def solve(problem: Problem, grain: int, rates: Rates, *, whole: bool = True) -> Standing | None:
    """Return where bidding ends, and where `whole` the searches after it as well."""
    found = compiled()
    if found is None or not fits(problem):
        return None
    asked, handle = asked_of(problem), ctypes.c_void_p()
    told = Struct(*rates)
    try:
        said = found.kernel_solve(asked.address, grain, told.address, whole, ctypes.byref(handle))
        if said == 2:
            return None
        if said:
            raise MemoryError
        return told_of(found, handle, problem)
    finally:
        found.kernel_end(handle)


def bytes_held(problem: Problem, grain: int, rates: Rates) -> int:
    """Return how many bytes the library holds at most while it solves a problem; 0 without it."""
    found, handle = compiled(), ctypes.c_void_p()
    if found is None:
        return 0
    asked, told = asked_of(problem), Struct(*rates)
    found.kernel_solve(asked.address, grain, told.address, 1, ctypes.byref(handle))
    most = int(found.kernel_peak(handle))
    found.kernel_end(handle)
    return most


def mend(standing: Standing, changed: dict[int, Options]) -> bool:
    """Give children more pairs, one after the other, each put right at once.

    Nobody may lose a pair by it. False: nothing has been done.
    """
    found, problem = compiled(), standing.problem
    if found is None or not fits(problem) or not _priced_below(standing):
        return False
    if any(_heaviest(one) >= MOST for one in changed.values()):
        return False
    asked, handle = asked_of(problem), ctypes.c_void_p()
    what = Struct(len(changed), array("i", changed), *_columns(list(changed.values())))
    given = _given(standing)
    try:
        if found.kernel_mend(asked.address, given.address, what.address, ctypes.byref(handle)):
            raise MemoryError
        for child, options in changed.items():
            problem.options[child] = options
        _copy(told_of(found, handle, problem), standing)
    finally:
        found.kernel_end(handle)
    return True


def underpaid(problem: Problem, solution: Solution) -> bool | None:
    """Whether some pair is worth more than it is priced; None where Python has to look."""
    found = compiled()
    if found is None or not fits(problem) or not _small(solution.utility, solution.price):
        return None
    first, slots, costs = array("q", [0]), array("i"), array("q")
    for steep in solution.steep:
        slots.extend(steep.keys())
        costs.extend(steep.values())
        first.append(len(slots))
    if costs and not (min(costs) >= 0 and max(costs) < 2 * MOST and max(slots) < 62):
        return None
    asked, steeps = asked_of(problem), Struct(first, slots, costs)
    utility, price = array("q", solution.utility), array("q", solution.price)
    child = found.kernel_underpaid(
        asked.address, utility.buffer_info()[0], price.buffer_info()[0], steeps.address
    )
    return bool(child >= 0)


def _heaviest(options: Options) -> int:
    return options.weights[0] if options.weights else 0


def fits(problem: Problem) -> bool:
    """Whether 64 bits hold whatever may be added up on the way."""
    return (
        len(problem.capacity) < MOST_TEAMS
        and len(problem.options) < 1 << 30
        and all(
            one.weights[0] < MOST and one.weights[-1] > -MOST
            for one in problem.options
            if one.weights
        )
        and all(-MOST < many < MOST for many in (*problem.capacity, *problem.lanes))
    )


def _small(*lists: Sequence[int]) -> bool:
    return all(min(one, default=0) > -1 and max(one, default=0) < 2 * MOST for one in lists)


def _priced_below(standing: Standing) -> bool:
    costs = [cost for steep in standing.steep if steep for cost in steep.values()]
    return all(max(one, default=0) < MOST for one in (standing.utility, standing.price, costs))


def _columns(options: Sequence[Options]) -> "tuple[array[int], ...]":
    """Return for each child how many pairs it has and where they lie."""
    return (
        array("q", [len(one.teams) for one in options]),
        addresses(one.teams for one in options),
        addresses(one.weights for one in options),
        addresses(one.slots for one in options),
    )


def asked_of(problem: Problem) -> Struct:
    return Struct(
        len(problem.capacity),
        len(problem.options),
        array("q", problem.capacity),
        array("q", problem.lanes),
        *_columns(problem.options),
    )


def _given(standing: Standing) -> Struct:
    """Return a standing as columns: slots team by team, children slot by slot."""
    cells = [
        (slot, here, steep.get(slot, 0))
        for held, steep in zip(standing.at, standing.steep, strict=True)
        for slot, here in held.items()
    ]
    return Struct(
        array("q", standing.utility),
        array("q", standing.price),
        array("i", standing.team_of),
        array("i", standing.slot_of),
        array("Q", standing.full),
        array("q", [len(held) for held in standing.at]),
        array("i", [slot for slot, _here, _cost in cells]),
        array("i", [len(here) for _slot, here, _cost in cells]),
        array("q", [cost for _slot, _here, cost in cells]),
        array("i", [child for _slot, here, _cost in cells for child in here]),
    )


def told_of(found: ctypes.CDLL, handle: ctypes.c_void_p, problem: Problem) -> Standing:
    """Return what the library has found as the same standing that Python would have made."""
    teams, children = len(problem.capacity), len(problem.options)
    cells = found.kernel_cells(handle)
    sizes = (("q", children), ("q", teams), ("i", children), ("i", children), ("Q", teams),
             ("q", teams), ("i", cells), ("i", cells), ("q", cells), ("i", children))  # fmt: skip
    columns = [array(kind, bytes(many * array(kind).itemsize)) for kind, many in sizes]
    told = Struct(*columns)
    found.kernel_tell(handle, told.address)
    utility, price, team_of, slot_of, full, used, slots, many, costs, placed = columns
    at: list[dict[int, list[int]]] = []
    steep: list[dict[int, int]] = []
    rows, here = zip(slots, many, costs, strict=True), iter(placed)
    for team_used in used:
        held, dear = {}, {}
        for slot, there, cost in islice(rows, team_used):
            held[slot] = list(islice(here, there))
            if cost:
                dear[slot] = cost
        at.append(held)
        steep.append(dear)
    load = [
        sum(lanes if slot in dear else len(here) for slot, here in held.items())
        for held, dear, lanes in zip(at, steep, problem.lanes, strict=True)
    ]
    return Standing(
        problem, utility.tolist(), price.tolist(), steep, team_of.tolist(), slot_of.tolist(),
        at, load, full.tolist(),
    )  # fmt: skip


def _copy(made: Standing, into: Standing) -> None:
    into.utility, into.price, into.steep = made.utility, made.price, made.steep
    into.team_of, into.slot_of, into.at = made.team_of, made.slot_of, made.at
    into.load, into.full, into.takers = made.load, made.full, None
