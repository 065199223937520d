"""Why this team, why not that one, why nobody yet: from the numbers the matching was made with.

Nothing here names another child or says anything of one but how urgent those are who come first.
"""

from collections import Counter
from dataclasses import dataclass

from pairings.matching import changing, pricing
from pairings.matching.judging import Verdict, base_of, judge, way
from pairings.matching.model import Code
from pairings.matching.pricing import Ground, Had, Why, held
from pairings.matching.run import Run

__all__ = ["Ground", "Why", "WhyNobody", "had", "shortfall", "why", "why_nobody"]


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
    found = held(run, number)
    return pricing.why((one, other), verdict, had(run, place), held=found, by=run.weighing)


def had(run: Run, place: int) -> Had:
    """Return what the run gave the child with that number."""
    number = run.standing.team_of[place]
    if number < 0:
        return Had(run.standing.utility[place], None, None)
    team = run.world.teams[number]
    score = judge(run.world.children[place], team, run.world).score
    return Had(run.standing.utility[place], team.id, score)


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
            more = (way(one, team, run.world) or 0) - team.reach
            if verdict.against == (Code.REACH,) and more > 0:  # else it goes to no such county
                beyond.append(more)
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
    """Return the least it costs to force a pair, in weights; see pricing.shortfall."""
    pair = run.world.children[place], run.world.teams[number]
    utility = run.standing.utility[place]
    return pricing.shortfall(pair, verdict, utility, held=held(run, number), by=run.weighing)


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
