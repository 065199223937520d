"""Where one more team would be worth most: tried place by place on a copy of the matching."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pairings.matching import changing
from pairings.matching.model import Team
from pairings.matching.preparing import Refused
from pairings.matching.run import Run


@dataclass(frozen=True, slots=True)
class Worth:
    """What one more team of a kind would bring at a place."""

    place: int
    points: int
    """Urgency and points together, as they count in the matching."""
    served: int
    """How many more children would have a team."""


def recruitment_map(run: Run, like: Team, places: Iterable[int]) -> list[Worth]:
    """Return what a team `like` this one would bring at each place, the best first.

    Its id has to be one that no team has; where it lives is replaced by each place in turn.
    """
    known = run.world.places.keys()
    found = []
    before = sum(team >= 0 for team in run.standing.team_of)
    for place in dict.fromkeys(places):
        if place not in known:
            raise Refused(f"place {place}: unknown")
        change = changing.team_in(run, replace(like, base=place, home=place))
        after = sum(team >= 0 for team in change.run.standing.team_of)
        found.append(Worth(place, -change.cost, after - before))
    return sorted(found, key=lambda worth: (-worth.points, worth.place))
