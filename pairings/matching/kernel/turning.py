"""The price loop by the compiled twin: what stands between two turns stays in the library."""

import ctypes
from array import array
from itertools import compress

from pairings.matching.kernel.fielding import Fielded, options_of
from pairings.matching.kernel.loading import Struct
from pairings.matching.kernel.solving import asked_of, fits, told_of
from pairings.matching.solver.problem import Problem
from pairings.matching.solver.standing import Standing


class Turns:
    """A problem that gains pairs until nothing outside would help; begun with bidding."""

    def __init__(self, twin: Fielded, problem: Problem, ways: Struct) -> None:
        self.twin, self.problem, self.found = twin, problem, twin.found
        self.asked, self.handle = asked_of(problem), ctypes.c_void_p()
        self.sound = True
        said = self.found.turns_new(
            self.asked.address, twin.handle, ways.address, ctypes.byref(self.handle)
        )
        if said == 1:
            raise MemoryError
        self.sound = not said

    def close(self) -> None:
        self.found.turns_end(self.handle)
        self.handle = ctypes.c_void_p()

    __del__ = close

    def next(self) -> bool:
        """Ask for pairs outside and solve with them; return whether there were none."""
        said = self.found.turns_next(self.handle)
        if said < 0:
            raise MemoryError
        return bool(said)

    def standing(self) -> Standing:
        """Return what stands; the problem has all the pairs that were added."""
        many = len(self.problem.options)
        counts, out = array("q", bytes(8 * many)), array("Q", bytes(24))
        held = self.found.turns_pairs(self.handle, counts.buffer_info()[0], out.buffer_info()[0])
        changed = options_of(filter(None, counts), out, held)
        for child, options in zip(compress(range(many), counts), changed, strict=True):
            self.problem.options[child] = options
        return told_of(self.found, self.handle, self.problem)


def turns(twin: Fielded | None, problem: Problem, ways: tuple[int, ...]) -> Turns | None:
    """Return the loop, or None where Python goes through it.

    `ways` are the grain, how many pairs a child gains in a turn, the share of children below
    which what stands is mended, and the rates of the auction.
    """
    if twin is None or not fits(problem):
        return None
    made = Turns(twin, problem, Struct(*ways))
    return made if made.sound else None
