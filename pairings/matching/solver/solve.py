"""The best matching there is for a bare problem, with prices that prove it."""

from pairings.matching.kernel import solving
from pairings.matching.solver.auction import RATES, auction
from pairings.matching.solver.certificate import prove
from pairings.matching.solver.inward import fill
from pairings.matching.solver.outward import serve
from pairings.matching.solver.problem import Problem, Solution
from pairings.matching.solver.standing import Standing


def solve(problem: Problem, grain: int = 1) -> Standing:
    """Return the standing in which nothing better exists; its solution has been proved.

    `grain` is how much of a weight is one point, where weights hold more than points. Raises
    NotProved, which would be a fault in this package.
    """
    standing = placed(problem, grain)
    prove(problem, standing.solution())
    return standing


def placed(problem: Problem, grain: int = 1, *, whole: bool = True) -> Standing:
    """Return the same before anybody has proved it, by the compiled twin where there is one.

    Where it need not be whole, nearly everybody is where they would be at best: its prices say
    well which pairs are missing.
    """
    standing = solving.solve(problem, grain, RATES, whole=whole)
    if standing is None:
        standing = auction(problem, grain)
        if whole:
            complete(standing)
    return standing


def complete(standing: Standing) -> None:
    """Serve whoever still wants something at these prices, then fill what still has a price."""
    for child, team in enumerate(standing.team_of):
        if team < 0 and standing.utility[child] > 0:
            serve(standing, child)
    fill(standing)


def solved(problem: Problem, grain: int = 1) -> Solution:
    return solve(problem, grain).solution()
