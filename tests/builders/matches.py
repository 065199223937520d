"""Runs of the matching for tests, as they are once they have been made."""

from datetime import timedelta
from typing import Any

from children.models import Child
from core import clock
from core.db import db
from pairings.matching.document import plain
from pairings.matching.model import Policy, Tables
from pairings.runs.models import MatchPrice, MatchProposal, MatchRefusal, MatchRun, MatchWaiting
from pairings.runs.rules import Refusal, State
from places.models import Area
from places.rules import Level
from tests.builders.children import a_consented_child
from tests.factories import saved
from volunteers.teams.models import Team


def a_match_run(child: Child, team: Team, by_id: int, **given: Any) -> MatchRun:
    """Return a finished run of the child's county that proposes the team for it.

    Another child of the same village waits with nobody, and has refused this team.
    """
    county, now = db.session.get_one(Area, child.county_id), clock.now()
    sums = dict.fromkeys(("teams", "pairs", "served"), 1) | {"children": 2}
    sums |= dict.fromkeys(("standing", "served_before", "moved", "kept", "gone"), 0) | {"new": 1}
    fields = {
        "area_id": county.id,
        "city_id": county.parent_id,
        "level": Level.COUNTY,
        "by_id": by_id,
        "state": State.READY,
        "ready_at": now,
        "expires_at": now + timedelta(days=7),
        "counts": sums,
        "value": 3800,
        "weights": {
            "policy": plain(Policy(Tables("2026-09-01", clock.today()))),
            "shift": 9,
            "tier_points": 8192,
            "tie_bits": 8,
        },
        "sums": dict.fromkeys(("input", "weights", "result"), "0" * 64),
        "needs": [{"county": county.id, "points": 3000, "served": 1}],
    }
    run = saved(MatchRun(**fields | given))
    place = {"run_id": run.id, "county_id": county.id, "utility": 0}
    score = {"slot": 15, "score": 800, "points": {"distance": 300, "needs": 500}}
    saved(MatchProposal(child_id=child.id, team_id=team.id, **place, **score))
    village = db.session.get_one(Area, child.village_id)
    other = a_consented_child(village)
    why = {"feasible": 0, "removed": [["forbidden", 1]], "alone": [["forbidden", 1]]}
    why |= {"nearest": None, "county": None, "places": None}
    saved(MatchWaiting(child_id=other.id, why=why, **place))
    saved(MatchRefusal(child_id=other.id, team_id=team.id, reason=Refusal.OTHER, by_id=by_id))
    held: dict[str, Any] = {"lanes": 1, "room": False, "steep": [], "tiers": [[15, 1]]}
    saved(MatchPrice(run_id=run.id, team_id=team.id, price=0, held=held))
    return run
