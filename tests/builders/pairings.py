"""Pairings for tests: a consented child and a team of its county."""

from datetime import timedelta
from typing import Any

from accounts.rules import Role
from children.models import Child
from children.rules import NeedState
from core import clock
from core.db import db
from pairings.models import Pairing
from pairings.rules import LIVE, Stage
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.people import a_member_of_staff
from tests.builders.volunteers import a_team
from tests.factories import CANARY, saved
from volunteers.teams.models import Team


def a_pairing(child: Child | None = None, team: Team | None = None, **given: Any) -> Pairing:
    """Return a pairing, by default proposed and not yet decided; decided ones by somebody else."""
    stage = given.get("stage", Stage.PROPOSED)
    child = child or a_consented_child(state=_state_beside(stage))
    county = db.session.get_one(Area, child.county_id)
    today = clock.today()
    fields: dict[str, Any] = {
        "child_id": child.id,
        "team_id": (team or a_team(county)).id,
        "county_id": child.county_id,
        "township_id": child.township_id,
        "village_id": child.village_id,
        "score": 80,
        "reasons": ["time:540", "county:same"],
        "note": f"每周都有空，会辅导作业 {CANARY}",
        "starts_on": today - timedelta(days=20),
        "ends_on": today + timedelta(days=200),
    }
    if "proposed_by_id" not in given:
        fields["proposed_by_id"] = a_member_of_staff(Role.COORDINATOR, area_id=county.id)
    if stage is not Stage.PROPOSED:
        fields |= _decided(child, given)
    return saved(Pairing(**fields | given))


def _state_beside(stage: Stage) -> NeedState:
    return NeedState.MATCHED if stage in LIVE - {Stage.PROPOSED} else NeedState.OPEN


def _decided(child: Child, given: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"decided_at": clock.now()}
    if "decided_by_id" not in given:
        fields["decided_by_id"] = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    if "supervisor_id" not in given:
        fields["supervisor_id"] = a_member_of_staff(
            Role.CHILD_SUPERVISOR, area_id=child.township_id
        )
    return fields
