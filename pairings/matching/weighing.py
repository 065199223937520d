"""What a pair weighs: the child's urgency, the pair's points, and a tie-break that never moves.

All three in one integer, the more important ones higher: `(bonus + points) << shift | tie`.
With strict tiers a more urgent child is worth more than all points of all others together, which
changes who is served but never how many (the sets that can be served form a matroid).
"""

import hashlib
from dataclasses import dataclass

from pairings.matching.field import most_points
from pairings.matching.model import Child, Policy, World
from pairings.matching.solver.problem import MOST

TIE_BITS = 8


@dataclass(frozen=True, slots=True)
class Weighing:
    """How points become weights in one run."""

    policy: Policy
    shift: int
    """Below these bits lies the tie-break: so many that all ties together are under one point."""
    tier_points: int
    """What one tier is worth, in points; 0 where tiers are not strict."""

    @classmethod
    def of(cls, world: World) -> "Weighing":
        """Return the weighing for a world. Raises ValueError when 64 bits do not hold it."""
        policy, many = world.policy, max(1, len(world.children))
        waiting = policy.day_points * policy.most_days
        most = most_points(policy.tables) + waiting
        tier = 1 << (many * most).bit_length() if policy.strict else 0
        made = cls(policy, many.bit_length() + TIE_BITS, tier)
        top = tier * tiers(policy) + policy.base_points + most + policy.risk_points * 4
        if min(policy.day_points, policy.base_points, policy.risk_points, policy.most_days) < 0:
            raise ValueError("points for urgency must not be negative")
        if top << made.shift >= MOST:
            raise ValueError("the points for so many children do not fit into 64 bits")
        return made

    def bonus(self, child: Child) -> int:
        """Return what it is worth to serve a child, in points."""
        policy = self.policy
        waited = policy.day_points * min(max(0, child.waiting), policy.most_days)
        urgent = tier_of(child, policy) * self.tier_points
        risk = 0 if policy.strict else policy.risk_points * _grade(child, policy)
        return policy.base_points + waited + urgent + risk

    def weight(self, bonus: int, points: int, tie: int) -> int:
        return (bonus + points << self.shift) + tie

    def points(self, weight: int) -> int:
        """Return the points of a sum of weights, exactly: all ties together are under one."""
        return weight >> self.shift

    def about(self, difference: int) -> int:
        """Return the nearest whole points of a difference of weights or prices."""
        return difference + (1 << self.shift - 1) >> self.shift


def tiers(policy: Policy) -> int:
    return 2 * len(policy.training_for_risk)


def tier_of(child: Child, policy: Policy) -> int:
    """Return the tier: whoever waits too long comes before risk, risk before waiting."""
    overdue = child.waiting >= policy.overdue_days
    return overdue * len(policy.training_for_risk) + _grade(child, policy)


def _grade(child: Child, policy: Policy) -> int:
    return max(0, min(child.risk, len(policy.training_for_risk) - 1))


def mark(kind: str, one: int) -> int:
    """Return an odd number of 16 bits that always belongs to an id."""
    digest = hashlib.sha256(f"{kind}:{one}".encode()).digest()
    return int.from_bytes(digest[:2], "big") | 1


def tie(child_mark: int, team_mark: int) -> int:
    """Return the tie-break of a pair from the marks of both."""
    return child_mark * team_mark >> 12 & (1 << TIE_BITS) - 1
