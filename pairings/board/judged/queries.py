"""The teams for a child with their reasons, in the numbers of the run; who has left is out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pairings.board.options.queries import today, told
from pairings.board.options.rules import (
    Option,
    Ranking,
    Today,
    Told,
    explained,
    ranking,
    within_reach,
)
from pairings.board.queries import Waiting
from pairings.board.worlds.queries import Seen, of_child
from pairings.matching.field import most_points
from pairings.matching.judging import judge
from pairings.matching.model import Child
from pairings.matching.pricing import Had


@dataclass(frozen=True, slots=True)
class Teams:
    """Every team within reach of a child that may be paired today, ranked: of none without one.

    Only what is shown is looked at closely: its people, its points, why the run prefers another.
    """

    waiting: Waiting
    asked: tuple[Child, Seen] | None = None
    today: Mapping[int, Today] = field(default_factory=dict)
    ranking: Ranking = field(default_factory=Ranking)

    @property
    def most(self) -> int:
        """Return what no pair can exceed."""
        return most_points(self.asked[1].world.policy.tables) if self.asked else 1

    def by_uid(self, teams: Iterable[int]) -> dict[str, int]:
        return {self.today[team].uid: team for team in teams}

    def options(self, teams: Sequence[int]) -> list[Option]:
        """Return some of the ranked teams as they are shown, in that order, in one query."""
        if not self.asked or not teams:
            return []
        run = self.waiting.run
        known = told(teams, run.id if run is not None else None)
        return [self._option(team, known[team], *self.asked) for team in teams]

    def _option(self, team: int, known: Told, child: Child, seen: Seen) -> Option:
        option = Option(
            today=self.today[team],
            told=known,
            team=seen.teams[team],
            verdict=judge(child, seen.teams[team], seen.world),
            proposed=team == self.waiting.proposed,
            elsewhere=self.today[team].county_id != self.waiting.child.county_id,
        )
        had = _had(self.waiting)
        if seen.weighing is None or had is None:
            return option
        return explained(option, child, had, seen.weighing)


def judged(waiting: Waiting, values: Mapping[str, Any]) -> Teams:
    """Return the teams for a child; of none for whom none may be proposed today."""
    if not waiting.ready:
        return Teams(waiting)
    seen = of_child(waiting)
    child = seen.children.get(waiting.child.id)
    if child is None:
        return Teams(waiting)
    counties = within_reach(child, seen.world)
    stands = today(child.id, counties, int(values["volunteers.most_children"]))
    ranked = ranking(
        seen.judged(child),
        stands,
        county=seen.world.places[child.spot].county,
        proposed=waiting.proposed,
    )
    return Teams(waiting, (child, seen), stands, ranked)


def _had(waiting: Waiting) -> Had | None:
    """Return what the run gave the child; None where it does not know it."""
    made, nobody = waiting.proposal, waiting.nobody
    if made is not None:
        return Had(made.utility, made.team_id, made.score)
    return Had(nobody.utility, None, None) if nobody is not None else None
