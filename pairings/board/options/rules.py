"""A team as the board shows it to one child: its points by factor, or what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pairings.board.crowd.rules import Codes, Judged, in_order
from pairings.matching.judging import Verdict, base_of
from pairings.matching.model import Child, Code, Factor, Team, World
from pairings.matching.pricing import Ground, Had, read_held, why
from pairings.matching.weighing import Weighing
from volunteers.teams.rules import FEWEST


@dataclass(frozen=True, slots=True)
class Today:
    """A team as it stands now, whatever a run has known of it."""

    uid: str
    name: str
    county_id: int
    against: Codes
    """What has come to stand against it for everybody: people gone, places taken."""


def short(cleared: int, room: int) -> Codes:
    """Return what a team lacks for everybody, by how many are cleared and the places left."""
    few: Codes = () if cleared >= FEWEST else (Code.CLEARANCE,)
    return few if room > 0 else (*few, Code.LOAD)


@dataclass(frozen=True, slots=True)
class Told:
    """What only a team that is shown needs."""

    members: tuple[str, ...]
    """Their names."""
    price: int
    held: Mapping[str, Any] | None
    """What its places cost in the run, as it is stored; None without one."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ids of the teams for one child: who suits, the best first, and who is barred."""

    suitable: tuple[int, ...] = ()
    """The run's own proposal, then by points."""
    barred: tuple[int, ...] = ()
    """Those of the child's own county, against whom the fewest rules speak first."""


def ranking(
    judged: Judged, today: Mapping[int, Today], *, county: int, proposed: int | None
) -> Ranking:
    """Rank the teams that are still there; those of others that are barred are nobody's business.

    What the rules said may be older than what stands against a team today.
    """
    scores = {
        team: score
        for team, score in judged.scores.items()
        if team in today and not today[team].against
    }
    against = {
        team: len({*judged.against.get(team, ()), *one.against})
        for team, one in today.items()
        if one.county_id == county
        and team not in scores
        and (team in judged.scores or team in judged.against)
    }
    return Ranking(
        tuple(sorted(scores, key=lambda team: (team != proposed, -scores[team], team))),
        tuple(sorted(against, key=lambda team: (against[team], team))),
    )


@dataclass(frozen=True, slots=True)
class Option:
    """One team for one child, by the rules and tables of the day."""

    today: Today
    told: Told
    team: Team
    verdict: Verdict
    proposed: bool
    """Whether the run proposes it."""
    elsewhere: bool
    """Whether it is another county's."""
    ground: Ground | None = None
    """Why the run does not; unknown without a run."""
    loss: int = 0

    @property
    def uid(self) -> str:
        return self.today.uid

    @property
    def name(self) -> str:
        return self.today.name

    @property
    def members(self) -> tuple[str, ...]:
        return self.told.members

    @property
    def score(self) -> int:
        return self.verdict.score

    @property
    def points(self) -> tuple[tuple[Factor, int], ...]:
        """By factor; together the score."""
        return self.verdict.points

    @property
    def against(self) -> tuple[Code, ...]:
        return in_order((*self.verdict.against, *self.today.against))

    @property
    def suits(self) -> bool:
        return not self.against


def within_reach(child: Child, world: World) -> set[int]:
    """Return the counties from which teams go to a child at all, its own among them."""
    here = world.places[child.spot]
    bases = {world.places[base_of(team, world.term)] for team in world.teams}
    return {here.county, *(base.county for base in bases if world.policy.goes(here, base))}


def explained(option: Option, child: Child, had: Had, by: Weighing) -> Option:
    """Return the option with why the run does not propose it, from the run's own prices."""
    stored = option.told.held
    if stored is None or not option.suits or option.proposed:
        return option
    held = read_held(option.told.price, stored)
    told = why((child, option.team), option.verdict, had, held=held, by=by)
    return replace(option, ground=told.ground, loss=told.loss)
