"""An invented city over many weeks: teams that stay, children who come week by week.

Nobody and nothing in it is real. People, places and hours are those of `synthetic`, in a city that
has found its teams where the children are: they set out from home, go further, have half-days of
four hours, are free on two of five, and more of them are trained for high risk. Where teams are
simply missing, no order helps, and the recruiting map is what to look at. Places are handed out
until the load is what was asked for; in the weak weeks of each half year (holidays, exams) a team
has only part of them.
"""

from dataclasses import dataclass, replace
from random import Random

from pairings.matching.field import Field
from pairings.matching.judging import places_left
from pairings.matching.model import Child, Season, Team, World
from pairings.matching.preparing import Refused
from pairings.matching.synthetic import synthetic

MOST_PLACES = 5
SPARE = 4
"""One team more is drawn for so many: some are not cleared and do not count."""
LEVELS = (1, 2, 3, 3)
REACHES = (45, 60, 75, 90)
"""Minutes."""
FREE = 0.4
"""The share of the half-days in which a team is free."""
HALF_DAYS = (240, 240, 90) * 7


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the city is, and for how long it is looked at."""

    teams: int = 1000
    arrivals: int = 130
    """New children a week."""
    weeks: int = 104
    seed: int = 1
    load: int = 94
    """Percent of the places of a full week that are needed: arrivals × service against places."""
    service: int = 16
    """How many weeks a pair lasts."""
    weak_percent: int = 55
    """What part of its places a team has in a weak week."""
    weak_weeks: int = 8
    cycle: int = 26

    def weak(self, week: int) -> bool:
        """Whether a week, counted from 0, is one of the last of its half year."""
        return week % self.cycle >= self.cycle - self.weak_weeks

    @property
    def places(self) -> int:
        """Return how many places all teams together have in a full week."""
        return self.arrivals * self.service * 100 // self.load


@dataclass(frozen=True, slots=True)
class City:
    """The world as it is when nobody is accompanied yet, and who comes in which week."""

    scale: Scale
    world: World
    weak: tuple[int, ...]
    """The places of each team in a weak week."""
    arrivals: tuple[tuple[Child, ...], ...]
    beyond: int
    """How many children more no team could ever visit: no order of theirs can help them."""

    def places(self, week: int) -> tuple[int, ...]:
        """Return how many children each team may have in a week."""
        if self.scale.weak(week):
            return self.weak
        return tuple(team.capacity for team in self.world.teams)


def city(scale: Scale) -> City:
    """Return the city of a scale; the same seed gives the same one. Raises Refused."""
    _check(scale)
    chance = Random(scale.seed)  # noqa: S311 - invented people, not secrets
    drawn = _recruited(scale, chance)
    world = replace(drawn, teams=_staffed(_ready(drawn)[: scale.teams], scale.places, chance))
    field = Field(world)
    here = [replace(child, waiting=0) for child in drawn.children]
    reached = {child.id for child in here if next(field.pairs(child), None)}
    weeks = (here[first : first + scale.arrivals] for first in range(0, len(here), scale.arrivals))
    return City(
        scale,
        replace(world, children=()),
        tuple(_part(team.capacity, scale.weak_percent, chance) for team in world.teams),
        tuple(tuple(child for child in week if child.id in reached) for week in weeks),
        len(here) - len(reached),
    )


def _check(scale: Scale) -> None:
    if min(scale.teams, scale.arrivals, scale.weeks, scale.load, scale.service) < 1:
        raise Refused("teams, arrivals, weeks, load and service have to be at least 1")
    if not (0 <= scale.weak_percent <= 100 and 0 <= scale.weak_weeks < scale.cycle):
        raise Refused("weak weeks have to leave full ones, and 0 to 100 percent of the places")
    fewest = -(-scale.places // MOST_PLACES)
    if scale.teams < fewest:
        raise Refused(
            f"teams: {scale.teams} are too few for {scale.arrivals} new children a week at a load"
            f" of {scale.load} percent: at least {fewest}"
        )


def _recruited(scale: Scale, chance: Random) -> World:
    """Return people and places, with more teams than are needed, near the children and trained."""
    more = scale.teams + scale.teams // SPARE + MOST_PLACES
    drawn = synthetic(more, scale.arrivals * scale.weeks, scale.seed)
    return replace(
        drawn,
        term=replace(drawn.term, season=Season.BREAK),  # everybody sets out from home
        policy=replace(drawn.policy, slot_minutes=HALF_DAYS),
        teams=tuple(_trained(team, chance) for team in drawn.teams),
    )


def _trained(team: Team, chance: Random) -> Team:
    level = chance.choice(LEVELS)
    free = sum(1 << slot for slot in range(len(HALF_DAYS)) if chance.random() < FREE)
    members = (
        replace(one, training=max(one.training, level), free=one.free | free)
        for one in team.members
    )
    return replace(team, members=tuple(members), reach=chance.choice(REACHES))


def _ready(world: World) -> list[Team]:
    """Return the teams that may go at all; places are handed out afterwards."""
    tried = replace(world, teams=tuple(replace(team, capacity=MOST_PLACES) for team in world.teams))
    field = Field(tried)
    return [team for place, team in enumerate(tried.teams) if field.may_go(place)]


def _staffed(teams: list[Team], places: int, chance: Random) -> tuple[Team, ...]:
    """Hand places out, one after the other, to teams that have room for one more."""
    having = [0] * len(teams)
    room = list(range(len(teams)))
    for _place in range(places):
        drawn = chance.randrange(len(room))
        having[room[drawn]] += 1
        if having[room[drawn]] == places_left(teams[room[drawn]], list(teams[room[drawn]].members)):
            room[drawn] = room[-1]
            room.pop()
    return tuple(replace(team, capacity=many) for team, many in zip(teams, having, strict=True))


def _part(places: int, percent: int, chance: Random) -> int:
    """Return a part of some places as whole places, right on average."""
    return (places * percent + chance.randrange(100)) // 100
