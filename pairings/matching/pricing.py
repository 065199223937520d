"""Why a pair is or is not there, from prices alone: of a run at hand, or from stored numbers.

What a run has to keep for it is little: what each child's place is worth to it, what each team's
places cost, and how urgent those are who have them. No other child is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pairings.matching.document import plain
from pairings.matching.judging import Verdict
from pairings.matching.model import Child, Code, Factor, Team
from pairings.matching.run import Run
from pairings.matching.solver.problem import bits
from pairings.matching.weighing import Weighing, mark, tie, tier_of


class Ground(StrEnum):
    """Why a child is or is not with a team."""

    PROPOSED = "proposed"
    RULE = "rule"
    URGENCY = "urgency"
    """Every place it could have goes to a more urgent child."""
    TAKEN = "taken"
    """The place is worth more to another child; how urgent they are does not decide."""
    POINTS = "points"
    """The team the child has is better for it."""


@dataclass(frozen=True, slots=True)
class Why:
    """One pair, explained; points by factor add up to the score that is shown."""

    ground: Ground
    against: tuple[Code, ...]
    points: tuple[tuple[Factor, int], ...]
    score: int
    instead: int | None
    """The points of the pair that the child has, or None where it has none."""
    loss: int
    """Points that forcing the pair loses at least."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a team's places cost, and how urgent those are who have them."""

    price: int
    lanes: int
    room: bool
    """Whether a place is left: then the slots are what is short."""
    steep: tuple[tuple[int, int], ...]
    """Slot and what it costs on top."""
    tiers: tuple[tuple[int, int], ...]
    """Slot and tier of each child that is held."""

    def on_top(self, usable: int) -> int:
        """Return what the cheapest of the slots costs on top of the team."""
        steep = dict(self.steep)
        return min((steep.get(slot, 0) for slot in bits(usable)), default=0)

    def holding(self, usable: int) -> list[int]:
        """Return the tiers of those who stand in the way."""
        slots = set(bits(usable)) if self.room and self.lanes else None
        return [tier for slot, tier in self.tiers if slots is None or slot in slots]


def held(run: Run, number: int) -> Held:
    """Return what a run says of the team with that number."""
    standing, team = run.standing, run.world.teams[number]
    return Held(
        price=standing.price[number],
        lanes=team.lanes,
        room=bool(standing.room(number)),
        steep=tuple(sorted((slot, extra) for slot, extra in standing.steep[number].items())),
        tiers=tuple(
            (slot, tier_of(run.world.children[child], run.world.policy))
            for slot, here in sorted(standing.at[number].items())
            for child in here
        ),
    )


def kept(one: Held) -> dict[str, Any]:
    """Return what is stored beside the price."""
    return {name: value for name, value in plain(one).items() if name != "price"}


def read_held(price: int, stored: Mapping[str, Any]) -> Held:
    return Held(
        price=price,
        lanes=int(stored["lanes"]),
        room=bool(stored["room"]),
        steep=tuple((int(slot), int(extra)) for slot, extra in stored["steep"]),
        tiers=tuple((int(slot), int(tier)) for slot, tier in stored["tiers"]),
    )


@dataclass(frozen=True, slots=True)
class Had:
    """What a run gave a child: what that is worth to it, and the pair if there is one."""

    utility: int
    team: int | None
    score: int | None


def why(pair: tuple[Child, Team], verdict: Verdict, had: Had, *, held: Held, by: Weighing) -> Why:
    """Explain one pair; the verdict is that of the rules, the rest is what the run found."""
    child, team = pair
    if verdict.against:
        return Why(Ground.RULE, verdict.against, (), 0, had.score, 0)
    if had.team == team.id:
        return Why(Ground.PROPOSED, (), verdict.points, verdict.score, verdict.score, 0)
    loss = by.about(shortfall(pair, verdict, had.utility, held=held, by=by))
    ground = _ground(child, verdict, held, by)
    return Why(ground, (), verdict.points, verdict.score, had.score, loss)


def shortfall(
    pair: tuple[Child, Team], verdict: Verdict, utility: int, *, held: Held, by: Weighing
) -> int:
    """Return by how much a pair is worth less than both its prices: the least it costs to force.

    Weak duality: forcing the pair cannot lose less; a try on a copy tells exactly.
    """
    child, team = pair
    tied = tie(mark("child", child.id), mark("team", team.id))
    weight = by.weight(by.bonus(child), verdict.score, tied)
    return utility + held.price + held.on_top(verdict.slots) - weight


def _ground(child: Child, verdict: Verdict, held: Held, by: Weighing) -> Ground:
    """Tell whether urgency, another child's gain or the child's own better team decides."""
    if held.price + held.on_top(verdict.slots) == 0:
        return Ground.POINTS
    own, holding = tier_of(child, by.policy), held.holding(verdict.slots)
    if holding and all(tier > own for tier in holding):
        return Ground.URGENCY
    return Ground.TAKEN
