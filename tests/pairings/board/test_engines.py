"""The board's questions on both engines: what SQLite takes, PostgreSQL has to take as well."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from accounts.rules import Role
from accounts.sessions.services import open_session
from children.rules import NeedState
from core import clock
from core.db import db
from pairings.rules import Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, a_township, a_village
from tests.builders.runs import a_run
from tests.builders.volunteers import a_team
from tests.races import ENGINES, site_on


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_every_page_of_the_board_opens_on_both_engines(both: Flask) -> None:
    county = a_county()
    village = a_village(a_township(county))
    child = a_consented_child(village, open_since=clock.today() - timedelta(days=60))
    standing = a_consented_child(village, state=NeedState.MATCHED)
    a_pairing(standing, a_team(county), stage=Stage.ACTIVE)
    teams = [a_team(county).uid for _turn in range(2)]
    uid, alias, county_id = child.uid, child.alias, county.id
    a_run(county_id)
    person = a_member_of_staff(Role.COORDINATOR, area_id=county_id)
    browser = Browser(both, open_session(person, agent="tests"), may_see_children=True)
    browser.post("/board/filters?days=30", {"name": "久等"})

    for path in (
        "/board",
        f"/board?need=reading&township={_township(county_id)}&risk=high&days=30&show=proposed",
        "/board?show=nobody",
        "/board?show=lacking",
        f"/board/{uid}/compare?team={teams[0]}&team={teams[1]}",
        f"/board/{uid}/choose/{teams[0]}",
        f"/board/teams/{teams[0]}",
    ):
        browser.get(path)

    for path in ("/board", f"/board/{uid}", "/board/proposals", "/board/teams"):
        assert alias in browser.get(path).text
    browser.post("/board/proposals/accept", {"which": "all"})


def _township(county_id: int) -> int:
    return int(db.session.query(Area.id).filter_by(parent_id=county_id).scalar())
