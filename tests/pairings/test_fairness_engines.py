"""What the page of waiting counts is the same on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask_migrate import upgrade

from accounts.queries import actor_for
from accounts.rules import Role
from app import create_app
from children.rules import NeedState, Risk
from core.db import db
from core.fences import everything
from pairings.fairness import queries
from pairings.fairness.rules import Band, Told
from tests.builders.children import a_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.proposals import TODAY
from tests.conftest import settings_for
from tests.test_house import ROOT


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_both_databases_count_alike(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    given = {}
    if engine == "postgresql":
        given["database_url"] = request.getfixturevalue("postgres_url")
    site = create_app(settings_for(tmp_path, **given))
    with site.app_context(), everything():
        upgrade(str(ROOT / "migrations"))
        county = a_county()
        village = a_village(a_township(county))
        for days in range(58, 70):
            since = TODAY - timedelta(days=days)
            a_child(village, state=NeedState.OPEN, risk=Risk.HIGH, open_since=since)
        since = TODAY - timedelta(days=5)
        a_pairing(a_child(village, state=NeedState.OPEN, risk=Risk.LOW, open_since=since))
        own = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))
        city = actor_for(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
        [line] = queries.lines(own, 56)
        assert (line.live, line.share, line.bands[Band.OVERDUE]) == (1, 7, Told(12, 63, 69))
        assert queries.until_proposed(own)[-1].waited == Told(1, 5, 5)
        assert len(queries.overdue(own, 56).rows) == 12
        assert {one.bands[Band.OVERDUE].number for one in queries.lines(city, 56)} == {None}
        assert queries.until_proposed(city)[-1].waited == Told(None)
        db.session.remove()
        db.engine.dispose()
