"""What would move, and what it would cost, if one thing changed: tried on a copy.

Each answer comes from yesterday's prices and is as good as matching everything anew. Pairs that
stand do not move at all; proposals move only where the points say so, inertia included.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pairings.matching.branching import FORCED, Limits
from pairings.matching.field import Field
from pairings.matching.judging import judge
from pairings.matching.model import Child, Team
from pairings.matching.preparing import Refused
from pairings.matching.run import Run
from pairings.matching.solver import renew
from pairings.matching.solver.problem import Pair
from pairings.matching.solver.standing import Standing
from pairings.matching.supply import Pairs
from pairings.matching.weighing import mark, tie


@dataclass(frozen=True, slots=True)
class Move:
    """A child whose proposal changes; None is nobody."""

    child: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one change does; `run` is the matching after it."""

    moves: tuple[Move, ...]
    cost: int
    """Points lost, urgency included; negative where something is gained."""
    run: Run


def team_out(run: Run, team: int) -> Change:
    number = find_team(run, team)
    return _tried(run, lambda standing: renew.team_out(standing, number))


def child_out(run: Run, child: int) -> Change:
    number = find_child(run, child)
    barred = run.barred.union((number, team) for team in range(len(run.world.teams)))
    after = replace(run, barred=barred)
    return _tried(after, lambda standing: renew.child_out(standing, number))


def places(run: Run, team: int, more: int) -> Change:
    """Give a team more places, or fewer where negative."""
    number = find_team(run, team)

    def change(standing: Standing) -> None:
        now = standing.problem.capacity[number] + more
        renew.set_capacity(standing, number, max(0, now))

    return _tried(run, change)


def forbid(run: Run, child: int, team: int) -> Change:
    place, number = find_child(run, child), find_team(run, team)

    def change(standing: Standing) -> None:
        pairs = [one for one in standing.problem.options[place].pairs() if one[0] != number]
        renew.set_pairs(standing, place, pairs)

    return _tried(replace(run, barred=run.barred | {(place, number)}), change)


def force(run: Run, child: int, team: int) -> Change:
    """Put a child and a team together. Raises Refused where a rule speaks against it."""
    place, number = find_child(run, child), find_team(run, team)
    one, other = run.world.children[place], run.world.teams[number]
    verdict = judge(one, other, run.world)
    if verdict.against:
        raise Refused(f"child {child} and team {team}: {', '.join(verdict.against)}")
    if not run.standing.problem.capacity[number]:
        raise Refused(f"child {child} and team {team}: no place left")
    weighing = run.weighing
    tied = tie(mark("child", child), mark("team", team))
    weight = weighing.weight(weighing.bonus(one), verdict.score, tied)
    forced: Pair = (number, weight + FORCED, verdict.slots)

    def change(standing: Standing) -> None:
        others = [pair for pair in standing.problem.options[place].pairs() if pair[0] != number]
        renew.set_pairs(standing, place, [*others, forced])

    return _tried(replace(run, forced=run.forced + 1), change, run)


def child_in(run: Run, child: Child) -> Change:
    """Add a child with an id of its own."""
    if any(one.id == child.id for one in run.world.children):
        raise Refused(f"child {child.id}: twice")
    pairs = Pairs(run.field, run.weighing, [child]).of(child)
    world = replace(run.world, children=(*run.world.children, child))
    limits = Limits([*run.limits.size, child.size], run.limits.apart)
    after = replace(run, world=world, limits=limits)
    return _tried(after, lambda standing: _ignore(renew.child_in(standing, pairs)))


def team_in(run: Run, team: Team) -> Change:
    """Add a team with an id of its own."""
    if any(one.id == team.id for one in run.world.teams):
        raise Refused(f"team {team.id}: twice")
    room, pairs = pairs_of(run, team)
    world = replace(run.world, teams=(*run.world.teams, team))
    after = replace(run, world=world, field=Field(world))
    return _tried(after, lambda standing: _ignore(renew.team_in(standing, room, team.lanes, pairs)))


def pairs_of(run: Run, team: Team) -> tuple[int, dict[int, Pair]]:
    """Return the places of a team that is not in the run, and its pairs by child."""
    field = Field(replace(run.world, teams=(team,)))
    lone = Pairs(field, run.weighing, run.world.children)
    found = {child: lone.of(run.world.children[child]) for child in lone.order}
    return max(0, field.left[0]), {child: pairs[0] for child, pairs in found.items() if pairs}


def _tried(run: Run, change: Callable[[Standing], None], before: Run | None = None) -> Change:
    """Apply a change to a copy of where the run began, and keep all limits anew."""
    after = replace(run, root=run.root.copy())
    change(after.root)
    after.settle()
    return Change(tuple(_moves(run, after)), (before or run).value - after.value, after)


def _moves(before: Run, after: Run) -> Iterator[Move]:
    old, new = before.standing.team_of, after.standing.team_of
    teams, children = after.world.teams, after.world.children
    for child, team in enumerate(new):
        was = old[child] if child < len(old) else -1
        if team != was:
            yield Move(
                children[child].id,
                teams[was].id if was >= 0 else None,
                teams[team].id if team >= 0 else None,
            )


def _ignore(_number: int) -> None:
    """What is added comes last: its number is known."""


def find_team(run: Run, team: int) -> int:
    return _place(run.world.teams, team, "team")


def find_child(run: Run, child: int) -> int:
    return _place(run.world.children, child, "child")


def _place(among: Iterable[Team | Child], one: int, kind: str) -> int:
    for place, other in enumerate(among):
        if other.id == one:
            return place
    raise Refused(f"{kind} {one}: unknown")
