"""Runs of the matching for tests: made at once, as the job makes them."""

from accounts.rules import Role
from core.db import db
from core.fences import everything
from pairings.runs import services
from pairings.runs.models import MatchRun
from pairings.runs.steps import services as steps
from tests.builders.proposals import somebody


def a_run(county_id: int) -> MatchRun:
    """Match a county by its real rules, in the real process; return the run."""
    uid = services.start(county_id, by=somebody(Role.COORDINATOR, county_id))
    with everything():
        assert steps.go_on() == 1
    return db.session.query(MatchRun).filter_by(uid=uid).populate_existing().one()
