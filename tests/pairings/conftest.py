"""One county with a consented child, a team and two coordinators."""

import pytest
from flask import Flask

from accounts.rules import Role
from children.models import Child
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.places import a_county, a_township, a_village
from tests.builders.proposals import staff
from tests.builders.volunteers import a_team
from tests.conftest import BrowseAs
from volunteers.teams.models import Team


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county()


@pytest.fixture
def village(county: Area) -> Area:
    return a_village(a_township(county))


@pytest.fixture
def child(village: Area) -> Child:
    return a_consented_child(village)


@pytest.fixture
def team(county: Area) -> Team:
    return a_team(county)


@pytest.fixture
def coordinator(county: Area, browse_as: BrowseAs) -> Browser:
    return staff(browse_as, Role.COORDINATOR, county)


@pytest.fixture
def colleague(county: Area, browse_as: BrowseAs) -> Browser:
    return staff(browse_as, Role.COORDINATOR, county)
