"""The orders in which free places can be given away, to be compared on the same children.

Two go from child to child, as people do with a list; four match everybody at once.
"""

from dataclasses import replace
from enum import StrEnum

from pairings.matching.model import Child, Policy, World
from pairings.matching.weighing import Weighing


class Order(StrEnum):
    """In the order of the report."""

    FIRST_COME = "first_come"
    """Whoever has waited longest chooses the best team that is left."""
    RISK_FIRST = "risk_first"
    """The same, but risk comes before waiting."""
    POINTS = "points"
    """Everybody at once, for the best pairs; nothing is asked about waiting or risk."""
    LINEAR = "linear"
    """Everybody at once; risk and each day of waiting are points among others."""
    QUADRATIC = "quadratic"
    """The same, but waiting counts by its square: a grade of risk when it becomes too long."""
    TIERS = "tiers"
    """Everybody at once, in strict tiers: who waits too long, then risk. The default."""

    @property
    def listed(self) -> bool:
        """Whether it goes from child to child."""
        return self in {Order.FIRST_COME, Order.RISK_FIRST}


def policy_of(order: Order, policy: Policy) -> Policy:
    """Return what the engine is told to weigh with."""
    if order is Order.POINTS or order.listed:
        return replace(policy, strict=False, risk_points=0, day_points=0)
    if order is Order.QUADRATIC:
        return replace(policy, strict=False, day_points=0)
    return replace(policy, strict=order is Order.TIERS)


def weighing_of(order: Order, world: World) -> Weighing:
    return Weighing.of(replace(world, policy=policy_of(order, world.policy)))


def bonus(order: Order, child: Child, weighing: Weighing) -> int:
    """Return what it is worth to serve a child, in points."""
    policy = weighing.policy
    squared = policy.risk_points * child.waiting**2 // max(1, policy.overdue_days) ** 2
    return weighing.bonus(child) + (squared if order is Order.QUADRATIC else 0)


def turn(order: Order, child: Child) -> tuple[int, int, int]:
    """Return by what a list is sorted: the first one chooses first."""
    risk = child.risk if order is Order.RISK_FIRST else 0
    return -risk, -child.waiting, child.id
