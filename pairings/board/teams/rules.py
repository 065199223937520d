"""The children a team could go to, the run's own proposals first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pairings.matching.judging import Verdict, judge
from pairings.matching.model import Child, Team, World
from pairings.matching.weighing import tier_of


@dataclass(frozen=True, slots=True)
class Fit:
    """One child for a team: urgency decides before points do."""

    child_id: int
    verdict: Verdict
    proposed: bool
    tier: int


def fits(
    team: Team, children: Iterable[Child], world: World, given: Mapping[int, int]
) -> list[Fit]:
    """Return whom a team may go to; `given` is the run's proposal of each child, child to team."""
    found = [
        Fit(
            child.id,
            judge(child, team, world),
            given.get(child.id) == team.id,
            tier_of(child, world.policy),
        )
        for child in children
    ]
    suits = [one for one in found if not one.verdict.against]
    return sorted(
        suits, key=lambda one: (not one.proposed, -one.tier, -one.verdict.score, one.child_id)
    )
