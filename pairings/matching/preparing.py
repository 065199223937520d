"""From the world as it is to the one that is matched.

What stands leaves it, groups become one, and everything is in the order of its ids: the order of
rows is nothing.

Whatever cannot be right is refused with the entry named. A pair that stands and breaks a rule is
neither dropped nor hidden: it is an alarm for people.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pairings.matching.judging import judge
from pairings.matching.model import Child, Code, Team, World
from pairings.matching.solver.problem import SLOTS


class Refused(ValueError):
    """The input cannot be matched; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A pair that stands although rules speak against it now."""

    child: int
    team: int
    against: tuple[Code, ...]


def prepared(world: World) -> tuple[World, tuple[Alarm, ...]]:
    """Return what is left to match, and what about the standing pairs needs people."""
    for fault in faults(world):
        raise Refused(fault)
    alarms = tuple(_alarms(world))
    left = _grouped(_without_pinned(world))
    return (
        replace(
            left,
            teams=tuple(sorted(left.teams, key=lambda team: team.id)),
            children=tuple(sorted(left.children, key=lambda child: child.id)),
        ),
        alarms,
    )


def faults(world: World) -> Iterator[str]:
    """Yield what cannot be right, each with its entry."""
    for kind, ids in (
        ("team", [team.id for team in world.teams]),
        ("child", [child.id for child in world.children]),
        ("pinned child", [child for child, _team, _slot in world.pinned]),
        ("child together", [child for group in world.together for child in group]),
    ):
        yield from (f"{kind} {one}: twice" for one, many in Counter(ids).items() if many > 1)
    for team in world.teams:
        yield from _faults_of_team(team, world)
    for child in world.children:
        yield from _faults_of_child(child, world)
    yield from _unknown(world)
    yield from _faults_of_groups(world)


def _faults_of_team(team: Team, world: World) -> Iterator[str]:
    if team.capacity < 0:
        yield f"team {team.id}: capacity {team.capacity} is negative"
    if team.lanes < 0:
        yield f"team {team.id}: lanes {team.lanes} are negative"
    if team.base not in world.places or team.home not in world.places:
        yield f"team {team.id}: unknown place"
    week = len(world.policy.slot_minutes)
    if any(member.free < 0 or member.free >> week for member in team.members):
        yield f"team {team.id}: slots outside of the week"


def _faults_of_child(child: Child, world: World) -> Iterator[str]:
    if child.spot not in world.places:
        yield f"child {child.id}: unknown place"
    if child.free < 0 or child.free >> len(world.policy.slot_minutes):
        yield f"child {child.id}: slots outside of the week"
    if child.size < 1:
        yield f"child {child.id}: a group of {child.size}"


def _unknown(world: World) -> Iterator[str]:
    teams = {team.id for team in world.teams}
    children = {child.id for child in world.children}
    for child, team, slot in world.pinned:
        if child not in children or team not in teams:
            yield f"pinned {child} and {team}: unknown"
        if not 0 <= slot < SLOTS:
            yield f"pinned {child} and {team}: slot {slot}"
    for group in (*world.together, *world.apart):
        if unknown := set(group) - children:
            yield f"together or apart: unknown child {min(unknown)}"


def _faults_of_groups(world: World) -> Iterator[str]:
    joined = {child: group for group in world.together for child in group}
    for one, other in world.apart:
        if one == other or (one in joined and joined[one] == joined.get(other)):
            yield f"child {one} and {other}: together and apart at once"
    spots = {child.id: child.spot for child in world.children}
    pinned = {child for child, _team, _slot in world.pinned}
    for group in world.together:
        if len({spots[child] for child in group if child in spots}) > 1:
            yield f"together {group[0]}: not in one place"
        if set(group) & pinned:
            yield f"together {group[0]}: one of them stands already"


def _alarms(world: World) -> Iterator[Alarm]:
    """Ask the rules about each standing pair as if nothing stood; load is counted by itself."""
    teams = {team.id: team for team in world.teams}
    children = {child.id: child for child in world.children}
    taken: Counter[int] = Counter()
    slots: Counter[tuple[int, int]] = Counter()
    for child, team, slot in sorted(world.pinned):
        taken[team] += children[child].size
        slots[team, slot] += 1
        verdict = judge(children[child], teams[team], world)
        against = list(verdict.against)
        if taken[team] > teams[team].capacity and Code.LOAD not in against:
            against.append(Code.LOAD)
        full = slots[team, slot] > teams[team].lanes > 0
        if not against and (full or not verdict.slots >> slot & 1):
            against.append(Code.TIME)
        if against:
            yield Alarm(child, team, tuple(code for code in Code if code in against))


def _without_pinned(world: World) -> World:
    """Take standing pairs out, with the places and the slots that they fill.

    A roster's slot is closed for new visits as soon as one stands in it.
    """
    if not world.pinned:
        return world
    size = {child.id: child.size for child in world.children}
    taken: Counter[int] = Counter()
    busy: dict[int, int] = {}
    for child, team, slot in world.pinned:
        taken[team] += size[child]
        busy[team] = busy.get(team, 0) | 1 << slot
    pinned = {child for child, _team, _slot in world.pinned}
    return replace(
        world,
        teams=tuple(
            _less(team, taken[team.id], busy[team.id]) if team.id in busy else team
            for team in world.teams
        ),
        children=tuple(child for child in world.children if child.id not in pinned),
        pinned=(),
    )


def _less(team: Team, places: int, busy: int) -> Team:
    members = tuple(
        replace(member, places=member.places - places, free=member.free & ~busy)
        for member in team.members
    )
    return replace(team, capacity=max(0, team.capacity - places), members=members)


def _grouped(world: World) -> World:
    """Put children who are visited together into one that every rule holds for."""
    if not world.together:
        return world
    by_id = {child.id: child for child in world.children}
    joined = {child for group in world.together for child in group}
    groups = [group_of([by_id[child] for child in sorted(group)]) for group in world.together]
    single = [child for child in world.children if child.id not in joined]
    lead = {child: min(group) for group in world.together for child in group}
    apart = tuple((lead.get(one, one), lead.get(other, other)) for one, other in world.apart)
    return replace(world, children=(*single, *groups), together=(), apart=apart)


def group_of(children: Iterable[Child]) -> Child:
    """Return the one that stands for all: the strictest of each, under the first one's id."""
    group = list(children)
    first = group[0]
    free = first.free
    known = first.known
    for child in group[1:]:
        free &= child.free
        known &= child.known
    proposed = {child.proposed for child in group}
    return replace(
        first,
        girl=any(child.girl for child in group),
        risk=max(child.risk for child in group),
        needs=frozenset[str]().union(*(child.needs for child in group)),
        languages=frozenset[str]().union(*(child.languages for child in group)),
        free=free,
        waiting=max(child.waiting for child in group),
        size=sum(child.size for child in group),
        institution=any(child.institution for child in group),
        losses=max(child.losses for child in group),
        resting=any(child.resting for child in group),
        known=known,
        proposed=first.proposed if len(proposed) == 1 else None,
        against=tuple(dict.fromkeys(one for child in group for one in child.against)),
    )
