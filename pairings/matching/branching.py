"""What prices alone cannot say: children apart, and groups that take several places of a team.

The problem without these is solved first; whatever it is worth bounds what is possible with them.
Where its answer breaks one, it is split in two that cover everything allowed, and both are solved
on from the same prices, the most promising first. Once the best of all is allowed, it is the
optimum, and the prices of the others prove that: none of them could have been worth more.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pairings.matching.solver.problem import Solution
from pairings.matching.solver.renew import set_capacity, set_pairs
from pairings.matching.solver.standing import Standing

FORCED = 1 << 61
"""Added to a pair that has to be: more than all that could be lost for it."""
MOST_LEAVES = 2000
Couple = tuple[int, int]
"""A child's and a team's number."""


class Kind(StrEnum):
    FORBID = "forbid"
    FORCE = "force"


Decision = tuple[Kind, int, int]
"""What was decided about which child and which team, by number."""
Price = Callable[[Standing, frozenset[Couple]], None]
"""Asks for pairs outside that would help, but for some that are ruled out."""


class TooTangled(Exception):
    """So many groups and children apart want the same places that no proof was found in time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many places each child takes, and who does not go to the same team, by number."""

    size: list[int]
    apart: tuple[Couple, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of all that is allowed, with the prices that bound what it can be worth."""

    decisions: tuple[Decision, ...]
    solution: Solution


@dataclass(frozen=True, slots=True)
class Settled:
    standing: Standing
    barred: frozenset[Couple]
    leaves: tuple[Leaf, ...]
    """The first is the matching's own."""


def settle(standing: Standing, limits: Limits, barred: frozenset[Couple], price: Price) -> Settled:
    """Return the best matching that keeps the limits. The standing given stays as it is.

    Raises TooTangled.
    """
    places = list(standing.problem.capacity)
    root: tuple[Decision, ...] = ()
    waiting = [(-bound(standing), root)]
    known = {root: standing}
    while len(known) <= MOST_LEAVES:
        _worth, decisions = heapq.heappop(waiting)
        best = known[decisions]
        split = _conflict(best, limits, places, decisions)
        if not split:
            others = sorted(one for _worth, one in waiting)
            leaves = tuple(Leaf(one, known[one].solution()) for one in (decisions, *others))
            return Settled(best, barred | _forbidden(decisions), leaves)
        del known[decisions]
        for decision in split:
            after = best.copy()
            taken = (*decisions, decision)
            _decide(after, decision, limits)
            price(after, barred | _forbidden(taken))
            known[taken] = after
            heapq.heappush(waiting, (FORCED * _forced(taken) - bound(after), taken))
    raise TooTangled(f"more than {MOST_LEAVES} cases")


def bound(standing: Standing) -> int:
    """Return what the prices allow: in a solved standing, what the matching is worth."""
    problem = standing.problem
    total = sum(standing.utility)
    for many, price in zip(problem.capacity, standing.price, strict=True):
        total += many * price
    for lanes, steep in zip(problem.lanes, standing.steep, strict=True):
        if steep and lanes:
            total += lanes * sum(steep.values())
    return total


def _conflict(
    standing: Standing, limits: Limits, places: list[int], decisions: tuple[Decision, ...]
) -> tuple[Decision, ...]:
    """Return two decisions, one of which has to hold, where a limit is broken."""
    team_of = standing.team_of
    for one, other in limits.apart:
        team = team_of[one]
        if team >= 0 and team == team_of[other]:
            return (Kind.FORBID, one, team), (Kind.FORBID, other, team)
    heads: dict[int, int] = {}
    for child, team in enumerate(team_of):
        if team >= 0:
            heads[team] = heads.get(team, 0) + limits.size[child]
    for team, many in heads.items():
        if many > places[team]:
            held = [child for here in standing.at[team].values() for child in here]
            groups = [
                child
                for child in held
                if limits.size[child] > 1 and (Kind.FORCE, child, team) not in decisions
            ]
            if groups:
                child = max(groups, key=lambda one: (limits.size[one], -one))
                return (Kind.FORBID, child, team), (Kind.FORCE, child, team)
    return ()


def _decide(standing: Standing, decision: Decision, limits: Limits) -> None:
    kind, child, team = decision
    pairs = list(standing.problem.options[child].pairs())
    if kind is Kind.FORBID:
        set_pairs(standing, child, [pair for pair in pairs if pair[0] != team])
        return
    forced = [
        (other, weight + FORCED, slots) if other == team else (other, weight, slots)
        for other, weight, slots in pairs
    ]
    set_pairs(standing, child, forced)
    fewer = standing.problem.capacity[team] - (limits.size[child] - 1)
    set_capacity(standing, team, max(0, fewer))


def _forbidden(decisions: tuple[Decision, ...]) -> frozenset[Couple]:
    return frozenset((child, team) for kind, child, team in decisions if kind is Kind.FORBID)


def _forced(decisions: tuple[Decision, ...]) -> int:
    return sum(kind is Kind.FORCE for kind, _child, _team in decisions)
