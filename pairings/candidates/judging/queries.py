"""One team as seen from one child, by the engine's own judge over the world of this moment."""

from dataclasses import dataclass
from datetime import date

from children.models import Child
from pairings.matching.judging import judge
from pairings.matching.model import Code
from pairings.runs.world.queries import Asked, found
from pairings.runs.world.rules import reasons


@dataclass(frozen=True, slots=True)
class Match:
    """What speaks for a team, in points that add up to the score, and what stands against it."""

    team_id: int
    score: int
    reasons: tuple[str, ...]
    """Keys with their points, as `points:distance:300`; pairings.labels puts them into words."""
    against: tuple[Code, ...]


def match(
    child: Child, team_id: int, on: date, *, until: date, besides: int | None = None
) -> Match:
    """Return a team as a run would judge it now; `besides` is a pairing that does not count."""
    asked = Asked((child.county_id,), on, child_id=child.id, besides=besides, until=until)
    world = found(asked).world
    team = next((one for one in world.teams if one.id == team_id), None)
    one = next((one for one in world.children if one.id == child.id), None)
    if team is None or one is None:  # of a county that sends no teams here, or with somebody else
        return Match(team_id, 0, (), (Code.REACH if team is None else Code.FORBIDDEN,))
    verdict = judge(one, team, world)
    return Match(team_id, verdict.score, reasons(verdict.points), verdict.against)
