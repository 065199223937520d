"""Match a world as a process of its own, so that the site goes on answering meanwhile.

One JSON text comes in, `{"world": …, "like": …, "counties": […]}`; lines go out, each
`{"at": [step, done]}`, the last one the answer or `{"fault": …}`. Ids and numbers only, no
database, no secrets; whoever started it may end it at any moment.
"""

import json
import sys
from typing import Any

from core.apart import confine, say
from pairings.matching import explaining, pricing, verifying
from pairings.matching.branching import TooTangled
from pairings.matching.document import document, plain, read_world
from pairings.matching.judging import judge
from pairings.matching.preparing import Refused
from pairings.matching.recruiting import recruitment_map
from pairings.matching.run import Run, run
from pairings.matching.solver.certificate import NotProved
from pairings.runs.rules import Step
from pairings.runs.working.rules import typical

SECONDS = 3600
TRIED = 20
"""For how many children more places are tried one by one; each is a matching of its own."""


def main() -> None:
    confine(SECONDS)
    try:
        say(answer(json.load(sys.stdin)))
    except (Refused, TooTangled, NotProved, ValueError) as error:
        say({"fault": str(error)})
    except (LookupError, TypeError, MemoryError, RecursionError) as error:
        say({"fault": type(error).__name__})


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a world's matching is, proved; or the first fault of its proof."""
    world = read_world(asked["world"])
    made = run(world, told=_tell)
    _tell(Step.CHECK, 0)
    stored = document(world, made)
    for fault in verifying.faults(json.loads(json.dumps(stored))):
        return {"fault": fault}
    return {
        "document": stored,
        "value": made.value,
        "pairs": sum(len(options.teams) for options in made.standing.problem.options),
        "proposals": _proposals(made),
        "waiting": _waiting(made),
        "prices": _prices(made),
        "alarms": plain(made.alarms),
        "needs": _needs(made, asked["counties"]),
    }


def _proposals(made: Run) -> list[dict[str, Any]]:
    children = {child.id: (place, child) for place, child in enumerate(made.world.children)}
    teams = {team.id: team for team in made.world.teams}
    found = []
    for child, team, slot in made.matched():
        place, one = children[child]
        verdict = judge(one, teams[team], made.world)
        found.append(
            {
                "child_id": child,
                "team_id": team,
                "slot": slot,
                "score": verdict.score,
                "points": dict(verdict.points),
                "utility": made.standing.utility[place],
            }
        )
    return found


def _waiting(made: Run) -> list[dict[str, Any]]:
    """Return why each child that is left has nobody; only for the first ones what would help."""
    found: list[dict[str, Any]] = []
    for place, child in enumerate(made.world.children):
        if made.standing.team_of[place] >= 0:
            continue
        if len(found) % 20 == 0:
            _tell(Step.EXPLAIN, len(found))
        why = explaining.why_nobody(made, child.id, most=4 if len(found) < TRIED else 0)
        utility = made.standing.utility[place]
        found.append({"child_id": child.id, "utility": utility, "why": plain(why)})
    return found


def _prices(made: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, team in enumerate(made.world.teams):
        held = pricing.held(made, number)
        found.append({"team_id": team.id, "price": held.price, "held": pricing.kept(held)})
    return found


def _needs(made: Run, counties: list[int]) -> list[dict[str, Any]]:
    """Return what one more usual team would bring, county by county, the best first."""
    like = typical(made.world)
    if like is None:
        return []
    known = [one for one in counties if one in made.world.places]
    found = recruitment_map(made, like, known)
    return [{"county": one.place, "points": one.points, "served": one.served} for one in found]


def _tell(step: str, done: int) -> None:
    say({"at": [step, done]})


if __name__ == "__main__":
    main()
