"""Why this team, why not that one, why nobody yet: from the numbers the matching was made with.

Nothing here names another child or says anything of one but how urgent those are who come first.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from pairings.matching import changing
from pairings.matching.judging import Verdict, base_of, judge, way
from pairings.matching.model import Code, Factor
from pairings.matching.run import Run
from pairings.matching.solver.problem import bits
from pairings.matching.weighing import mark, tie, tier_of


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
class WhyNobody:
    """Why a child has nobody yet, and what would help."""

    feasible: int
    """How many teams may come."""
    removed: tuple[tuple[Code, int], ...]
    """How many teams each rule speaks against, most first."""
    alone: tuple[tuple[Code, int], ...]
    """How many teams would be free if this rule alone were relaxed, most first."""
    nearest: int | None
    """Minutes by which the reach of the nearest such team is too short, if reach alone stops it."""
    county: int | None
    """Where more places would serve the child soonest, as far as tried."""
    places: int | None
    """How many more places it takes there; each goes to whoever gains most."""


def why(run: Run, child: int, team: int) -> Why:
    """Explain one pair. Raises Refused for an unknown child or team."""
    place, number = changing.find_child(run, child), changing.find_team(run, team)
    one, other = run.world.children[place], run.world.teams[number]
    verdict = judge(one, other, run.world)
    had = run.standing.team_of[place]
    instead = judge(one, run.world.teams[had], run.world).score if had >= 0 else None
    if verdict.against:
        return Why(Ground.RULE, verdict.against, (), 0, instead, 0)
    if had == number:
        return Why(Ground.PROPOSED, (), verdict.points, verdict.score, verdict.score, 0)
    loss = run.weighing.about(shortfall(run, place, number, verdict))
    ground = _ground(run, place, number, verdict)
    return Why(ground, (), verdict.points, verdict.score, instead, loss)


def why_nobody(run: Run, child: int, *, most: int = 4) -> WhyNobody:
    """Explain why a child has nobody; try up to `most` more places where it is cheapest."""
    place = changing.find_child(run, child)
    one = run.world.children[place]
    removed: Counter[Code] = Counter()
    alone: Counter[Code] = Counter()
    feasible: list[tuple[int, int]] = []
    beyond: list[int] = []
    for number, team in enumerate(run.world.teams):
        verdict = judge(one, team, run.world)
        removed.update(verdict.against)
        if len(verdict.against) == 1:
            alone.update(verdict.against)
            if verdict.against == (Code.REACH,):
                beyond.append((way(one, team, run.world) or 0) - team.reach)
        elif not verdict.against:
            feasible.append((shortfall(run, place, number, verdict), number))
    county, places = _where(run, child, sorted(feasible), most) if feasible else (None, None)
    return WhyNobody(
        len(feasible),
        tuple(_ranked(removed)),
        tuple(_ranked(alone)),
        min(beyond, default=None),
        county,
        places,
    )


def shortfall(run: Run, place: int, number: int, verdict: Verdict) -> int:
    """Return by how much a pair is worth less than both its prices: the least it costs to force.

    Weak duality: forcing the pair cannot lose less; a try on a copy tells exactly.
    """
    standing, weighing = run.standing, run.weighing
    child, team = run.world.children[place], run.world.teams[number]
    tied = tie(mark("child", child.id), mark("team", team.id))
    weight = weighing.weight(weighing.bonus(child), verdict.score, tied)
    paid = standing.utility[place] + standing.price[number]
    return paid + standing.on_top(number, verdict.slots) - weight


def _ground(run: Run, place: int, number: int, verdict: Verdict) -> Ground:
    """Tell whether urgency, another child's gain or the child's own better team decides."""
    standing, policy = run.standing, run.world.policy
    price = standing.price[number] + standing.on_top(number, verdict.slots)
    if price == 0:
        return Ground.POINTS
    held = [child for here in standing.at[number].values() for child in here]
    if standing.room(number) and run.world.teams[number].lanes:
        held = [
            child for slot in bits(verdict.slots) for child in standing.at[number].get(slot, [])
        ]
    own = tier_of(run.world.children[place], policy)
    if held and all(tier_of(run.world.children[child], policy) > own for child in held):
        return Ground.URGENCY
    return Ground.TAKEN


def _where(
    run: Run, child: int, feasible: list[tuple[int, int]], most: int
) -> tuple[int | None, int | None]:
    """Give the cheapest team more places, one by one, until the child has somebody."""
    team = run.world.teams[feasible[0][1]]
    base = run.world.places[base_of(team, run.world.term)]
    place = changing.find_child(run, child)
    for more in range(1, most + 1):
        after = changing.places(run, team.id, more).run
        if after.standing.team_of[place] >= 0:
            return base.county, more
    return base.county, None


def _ranked(counted: Counter[Code]) -> list[tuple[Code, int]]:
    order = list(Code)
    return sorted(counted.items(), key=lambda one: (-one[1], order.index(one[0])))
