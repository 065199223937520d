"""A team and a child, one pair at a time: which rule stands against it, and its points.

This is what people are told and what the checker asks. `field` finds the same for all teams at
once; a test holds the two to each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pairings.matching.model import (
    Child,
    Code,
    Factor,
    Member,
    Policy,
    Season,
    Team,
    Term,
    World,
    step,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against a pair, or its points by factor and the slots it could use."""

    against: tuple[Code, ...]
    points: tuple[tuple[Factor, int], ...]
    slots: int

    @property
    def score(self) -> int:
        return sum(points for _factor, points in self.points)


def counting(team: Team, term: Term, level: int) -> list[Member]:
    """Return the adults who count: cleared for the whole term, with the training asked for."""
    return [
        member
        for member in team.members
        if member.cleared_from <= term.start
        and term.end <= member.cleared_until
        and member.training >= level
    ]


def present(members: list[Member], many: int, *, woman: bool) -> int:
    """Return the slots in which as many adults are free, a woman among them where asked."""
    there = [-1, *[0] * many]  # where so many of those looked at so far are free, or more
    women = 0
    for member in members:
        for one in range(many, 0, -1):
            there[one] |= there[one - 1] & member.free
        women |= member.free if member.woman else 0
    return there[many] & women if woman else there[many]


def level_for(child: Child, policy: Policy) -> int:
    asked = policy.training_for_risk
    return asked[max(0, min(child.risk, len(asked) - 1))]


def places_left(team: Team, members: list[Member]) -> int:
    """Return how many children the team can take: no adult takes more than they are ready for.

    A roster has as many places as it says: whoever goes is chosen for each visit.
    """
    if team.lanes != 1:
        return team.capacity
    return min([team.capacity, *(member.places for member in members)])


def spent(child: Child, policy: Policy) -> bool:
    """Whether a child rests, or in institutional care has lost as many companions as it should."""
    return child.resting or (child.institution and child.losses >= policy.most_losses)


def base_of(team: Team, term: Term) -> int:
    return team.base if term.season is Season.TERM else team.home


def _shared_slots(child: Child, team: Team, world: World, minutes: int) -> int:
    """Return the slots in which enough of those who count, and the child, are free."""
    term, policy = world.term, world.policy
    members = counting(team, term, level_for(child, policy))
    there = present(members, policy.fewest_adults * max(1, team.lanes), woman=child.girl)
    return child.free & there & policy.long_enough(minutes)


def way(child: Child, team: Team, world: World) -> int | None:
    """Return the minutes of the way, or None where one of the places is unknown."""
    base = world.places[base_of(team, world.term)]
    return world.policy.minutes(world.places[child.spot], base)


def judge(child: Child, team: Team, world: World) -> Verdict:
    """Return the verdict on one pair; of the world only term, policy and places matter."""
    minutes = way(child, team, world)
    slots = _shared_slots(child, team, world, minutes or 0)
    against = tuple(_against(child, team, world, minutes=minutes, slots=slots))
    if against or minutes is None:
        return Verdict(against, (), 0)
    points = _points(child, team, world, minutes=minutes, slots=slots)
    return Verdict((), tuple(points), slots)


def _against(
    child: Child, team: Team, world: World, *, minutes: int | None, slots: int
) -> Iterator[Code]:
    term, policy = world.term, world.policy
    cleared = counting(team, term, 0)
    trained = counting(team, term, level_for(child, policy))
    spoken = frozenset[str]().union(*(member.languages for member in cleared))
    few = len(cleared) < policy.fewest_adults
    untrained = not few and len(trained) < policy.fewest_adults
    no_woman = child.girl and not any(member.woman for member in trained)
    here, there = world.places[child.spot], world.places[base_of(team, term)]
    apart = not policy.goes(here, there)
    far = apart or (minutes is not None and minutes > team.reach)
    said = {
        Code.SAFEGUARDING: team.flagged,
        Code.CLEARANCE: few,
        Code.TERM: team.until < term.end,
        Code.LOAD: places_left(team, cleared) < max(1, child.size),
        Code.TRAINING: untrained,
        Code.WOMEN: no_woman and not few and not untrained,
        Code.LANGUAGE: not child.languages <= spoken,
        Code.ATTACHMENT: spent(child, policy) and team.id not in child.known,
        Code.PLACE: minutes is None and not apart,
        Code.REACH: far,
    }
    said |= {code: True for other, code in child.against if other == team.id}
    said[Code.TIME] = not slots and not any(said.values())
    yield from (code for code in Code if said.get(code))


def _points(
    child: Child, team: Team, world: World, *, minutes: int, slots: int
) -> Iterator[tuple[Factor, int]]:
    term, policy, tables = world.term, world.policy, world.policy.tables
    cleared = counting(team, term, 0)
    yield Factor.DISTANCE, step(tables.distance, minutes)
    yield Factor.NEEDS, needs_points(child.needs, skills_of(cleared), tables.needs)
    yield Factor.SLOTS, step(tables.slots, slots.bit_count())
    spare = training_of(cleared) - level_for(child, policy)
    yield Factor.TRAINING, step(tables.training, max(0, spare))
    spoken = frozenset[str]().union(*(member.languages for member in cleared))
    yield Factor.DIALECT, tables.dialect if child.dialect in spoken else 0
    yield Factor.EXPERIENCE, step(tables.experience, team.years)
    yield Factor.AGE, tables.age if child.band in team.bands else 0
    yield Factor.CONTINUITY, tables.continuity if team.id in child.known else 0
    yield Factor.INERTIA, tables.inertia if team.id == child.proposed else 0


def skills_of(members: list[Member]) -> frozenset[str]:
    return frozenset[str]().union(*(member.skills for member in members))


def training_of(members: list[Member]) -> int:
    """Return the level that enough of them have: that of the second best."""
    levels = sorted((member.training for member in members), reverse=True)
    return levels[1] if len(levels) > 1 else 0


def needs_points(needs: frozenset[str], skills: frozenset[str], most: int) -> int:
    return most * len(needs & skills) // len(needs) if needs else most
