"""A team as the board shows it to one child: its points by factor, or what stands against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pairings.matching.field import most_points
from pairings.matching.judging import Verdict, base_of, judge
from pairings.matching.model import Child, Code, Factor, Team, World
from pairings.matching.pricing import Ground, Had, read_held, why
from pairings.matching.weighing import Weighing


@dataclass(frozen=True, slots=True)
class Today:
    """A team as it stands now, whatever a run has known of it."""

    team_id: int
    uid: str
    name: str
    people: str
    """Their names, one a line."""
    county_id: int
    against: tuple[Code, ...]
    """What has come to stand against it for everybody: people gone, places taken."""
    price: int
    held: Mapping[str, Any] | None
    """What its places cost in the run, as it is stored: read for the few that are explained."""


@dataclass(frozen=True, slots=True)
class Option:
    """One team for one child, by the rules and tables of the day."""

    today: Today
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
    def members(self) -> list[str]:
        return self.today.people.split("\n")

    @property
    def score(self) -> int:
        return self.verdict.score

    @property
    def points(self) -> tuple[tuple[Factor, int], ...]:
        """By factor; together the score."""
        return self.verdict.points

    @property
    def against(self) -> tuple[Code, ...]:
        said = {*self.verdict.against, *self.today.against}
        return tuple(code for code in Code if code in said)

    @property
    def suits(self) -> bool:
        return not self.against


@dataclass(frozen=True, slots=True)
class Options:
    """The teams for one child: the run's own proposal, the others by points, and the barred."""

    suitable: tuple[Option, ...] = ()
    barred: tuple[Option, ...] = ()
    most: int = 1
    """What no pair can exceed."""


Judged = Mapping[int, Verdict]
"""What the judge says of each team, by its id."""


def verdicts(child: Child, world: World) -> Judged:
    """Return what the judge says of each team; those that are alike are one in memory."""
    known: dict[Verdict, Verdict] = {}
    judged = ((team.id, judge(child, team, world)) for team in world.teams)
    return {team_id: known.setdefault(verdict, verdict) for team_id, verdict in judged}


def options(
    child: Child,
    world: World,
    judged: Judged,
    *,
    today: Mapping[int, Today],
    proposed: int | None,
) -> Options:
    """Return the teams that are still there, judged by the one judge there is."""
    county = world.places[child.spot].county
    found = [
        Option(
            today=today[team.id],
            team=team,
            verdict=judged[team.id],
            proposed=team.id == proposed,
            elsewhere=today[team.id].county_id != county,
        )
        for team in world.teams
        if team.id in today
    ]
    return Options(
        tuple(sorted((one for one in found if one.suits), key=_best_first)),
        tuple(sorted(_near(found), key=lambda one: (len(one.against), one.team.id))),
        most_points(world.policy.tables),
    )


def within_reach(child: Child, world: World) -> set[int]:
    """Return the counties from which teams go to a child at all, its own among them."""
    here = world.places[child.spot]
    bases = {world.places[base_of(team, world.term)] for team in world.teams}
    return {here.county, *(base.county for base in bases if world.policy.goes(here, base))}


def _best_first(one: Option) -> tuple[bool, int, int]:
    return not one.proposed, -one.score, one.team.id


def _near(found: Iterable[Option]) -> Iterable[Option]:
    """Yield whom a rule bars, of the child's own county: those of others are nobody's business."""
    return (one for one in found if not one.suits and not one.elsewhere)


def explained(option: Option, child: Child, had: Had, by: Weighing) -> Option:
    """Return the option with why the run does not propose it, from the run's own prices."""
    stored = option.today.held
    if stored is None or not option.suits or option.proposed:
        return option
    held = read_held(option.today.price, stored)
    told = why((child, option.team), option.verdict, had, held=held, by=by)
    return Option(
        option.today,
        option.team,
        option.verdict,
        option.proposed,
        option.elsewhere,
        told.ground,
        told.loss,
    )
