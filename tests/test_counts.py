"""A number tells too: what others have never changes a total, a tab, a list, a search or an export.

Everything that somebody sees is read once, then again in a world that has more of everything
elsewhere: in another county, and for those below the county in another village of theirs.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from flask import Flask

from accounts.exports.rules import declared
from accounts.queries import actor_for
from accounts.rules import Role
from core import clock
from core.db import db
from core.fences import everything
from jobs import sight_of
from places.models import Area
from tests.builders.places import a_county
from tests.conftest import NOON, begin_from, keep_as
from tests.test_matrix import ROUTES, TOKENS, routes
from tests.wanderers import Wanderer
from tests.worlds import World, a_place_with_everything, a_world

COUNTY = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
BELOW = (
    Role.CHILD_SUPERVISOR, Role.CHILD_DIRECTOR, Role.ORG_LEAD, Role.TEAM_LEADER, Role.VOLUNTEER,
)  # fmt: skip
SHARED = (
    "campaigns.", "manage.", "pictures.", "stories.", "manage_stories.", "assessments.",
    "breaches.", "signups.choose", "exams.", "places.network",
)  # fmt: skip
"""What is the whole city's: everybody who may open it sees everybody's."""
ANEW = ("factors.",)
"""Pages that draw a new secret each time."""
FRESH = re.compile(
    r'<input[^>]*name="(?:form_key|csrf_token|alias)"[^>]*>'
    r'|<details[^>]*id="domains".*?</details>'
    r'|<select[^>]*id="(?:org|county)".*?</select>|href="/assessments">.*?</li>',
    re.DOTALL,
)
"""Parts of pages that hold something else each time, or the whole city's: tokens, a free name
drawn by lot, the organisations and counties to choose from, how many assessments wait."""
SEARCHES = {"/volunteers": "?q=样例", "/children": "?consent=lacking"}
MOST_PAGES = 150


@pytest.fixture(scope="module")
def world(site: Flask) -> Iterator[World]:
    """A city of two counties, made once; it lies aside, and so does one that has more."""
    home: Path = site.extensions["settings"].home
    begin_from(site, "empty.db")
    with site.app_context(), everything(), patch.object(clock, "wall", lambda: NOON):
        made = a_world()
    keep_as(site, "plain.db")
    yield made
    for copy in home.glob("plain.db"):
        copy.unlink()


def _seen_by(site: Flask, world: World, role: Role) -> dict[str, str]:
    """Return every page that somebody opens, by address, with all its tabs and filters."""
    someone = Wanderer(site, world.secrets[role.value])
    waiting, seen = _addresses(site, world), dict[str, str]()
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.pop(0)
        if url not in seen:
            answer = someone.open(url)
            seen[url] = FRESH.sub("", answer.body) if answer.status == 200 else str(answer.status)
            path = url.partition("?")[0]
            waiting += [one for one in answer.hrefs if one.startswith(f"{path}?")]
    return seen | _exports(site, world, role)


def _addresses(site: Flask, world: World) -> list[str]:
    found = []
    with site.test_request_context():
        for rule, method in routes(site):
            if method == "GET" and rule.endpoint not in TOKENS and not _unsteady(rule.endpoint):
                values = ROUTES[rule.endpoint].values(world.mine)
                found.append(site.url_for(rule.endpoint, **values))  # type: ignore[arg-type]  # of a route
    return found + [path + search for path, search in SEARCHES.items()]


def _unsteady(endpoint: str) -> bool:
    return endpoint.startswith(SHARED + ANEW)


def _exports(site: Flask, world: World, role: Role) -> dict[str, str]:
    """Return the rows of every export that somebody may ask for."""
    with site.app_context():
        me = actor_for(world.mine.people[role.value])
        found = {}
        for kind in declared():
            if me.has(*kind.roles):
                with sight_of(me):
                    found[f"export of {kind.name}"] = str(kind.table(me, {}))
    return found


def _unlike(site: Flask, world: World, role: Role, more: Callable[[World], None]) -> list[str]:
    """Return the pages that differ once the world has more of everything elsewhere."""
    begin_from(site, "plain.db")
    before = _seen_by(site, world, role)
    begin_from(site, "plain.db")
    with site.app_context(), everything():
        more(world)
    after = _seen_by(site, world, role)
    begin_from(site, "empty.db")
    assert len([one for one in before.values() if len(one) > 3]) >= 10
    return [url for url in before if before[url] != after.get(url)]


def _another_county(_world: World) -> None:
    a_place_with_everything(a_county())


def _another_village(world: World) -> None:
    a_place_with_everything(db.session.get_one(Area, world.county_id))


@pytest.mark.parametrize("role", [*COUNTY, *BELOW])
def test_what_another_county_has_changes_nothing_on_any_page(
    site: Flask, world: World, role: Role
) -> None:
    assert _unlike(site, world, role, _another_county) == []


@pytest.mark.parametrize("role", BELOW)
def test_what_another_village_of_the_county_has_changes_nothing_on_any_page(
    site: Flask, world: World, role: Role
) -> None:
    assert _unlike(site, world, role, _another_village) == []


def test_the_comparison_would_notice(site: Flask, world: World) -> None:
    """Whoever answers for the county sees that another village of it has more."""
    assert _unlike(site, world, Role.COORDINATOR, _another_village)
