"""A county whose runs are made at once, as the job makes them."""

from collections.abc import Callable

import pytest

from accounts.rules import Actor, Role
from core.db import db
from core.fences import everything
from pairings.runs import services
from pairings.runs.models import MatchRun
from pairings.runs.steps import services as steps
from places.models import Area
from tests.builders.proposals import somebody

Made = Callable[[], MatchRun]


@pytest.fixture
def me(county: Area) -> Actor:
    return somebody(Role.COORDINATOR, county.id)


@pytest.fixture
def made(county: Area, me: Actor) -> Made:
    """Ask for a run of the county and let the job make it; returns the run."""

    def make() -> MatchRun:
        uid = services.start(county.id, by=me)
        with everything():
            assert steps.go_on() == 1
        return db.session.query(MatchRun).filter_by(uid=uid).populate_existing().one()

    return make
