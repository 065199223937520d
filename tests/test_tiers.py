"""Every column about a child has a tier, and no page shows more than its reader's tier reaches."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from flask import Flask, template_rendered
from sqlalchemy import Column, event
from sqlalchemy.orm import ORMExecuteState

from accounts.rules import Role
from children.models import Child
from children.sealed.rules import SealedField
from core.access import audiences_of
from core.db import Base, db
from core.tiers import Hidden, Shown, Tier
from tests.browser import Browser
from tests.builders.children import a_child
from tests.test_matrix import ROUTES
from tests.worlds import World, a_world

OF_CHILDREN = (
    "children", "child_free_times", "consents", "children_sealed", "erased_child_keys",
    "guardian_links",
)  # fmt: skip
FOR_THE_RHYTHM = {"risk"}
"""The grade decides how often to visit; volunteers are told how often, and no grade."""
FOR_RULES = frozenset({"girl", "age_band", "boarding"})
"""What the planning of a visit asks of a child to check its rules; shown to nobody."""
VOLUNTEERS = (Role.VOLUNTEER, Role.TEAM_LEADER, Role.ORG_LEAD)


def test_every_column_about_a_child_has_a_tier() -> None:
    known = {name for name in Base.metadata.tables if name.startswith(("child", "consent"))}
    assert known >= set(OF_CHILDREN) - {"erased_child_keys", "guardian_links"}
    silent = [
        str(column)
        for name in OF_CHILDREN
        for column in Base.metadata.tables[name].columns
        if not isinstance(column.info.get("tier"), Tier)
    ]
    assert silent == []


def test_what_is_sealed_is_in_the_innermost_tier() -> None:
    columns = Base.metadata.tables["children_sealed"].columns
    assert {columns[field.value].info["tier"] for field in SealedField} == {Tier.SEALED}
    assert columns["data_key"].info["tier"] is Tier.SEALED


def test_a_reader_gets_the_attributes_of_the_own_tier_and_no_others(app: Flask) -> None:
    child = a_child()
    volunteers, staffs = Shown(child, Tier.ALIAS), Shown(child, Tier.NEED_TO_KNOW)

    assert (volunteers.alias, volunteers.care_hint) == (child.alias, child.care_hint)
    assert staffs.category is child.category
    for name in ("girl", "category", "risk", "village_id", "verified_by_id"):
        with pytest.raises(Hidden):
            getattr(volunteers, name)
    for name in ("real_name", "metadata", "_sa_instance_state", "query"):
        with pytest.raises(AttributeError):
            getattr(staffs, name)
    with pytest.raises(Hidden):
        staffs.risk = "low"
    assert child.risk == "mid_low"


# --- what pages ask and what they are handed -----------------------------------------------


@pytest.fixture
def world(app: Flask) -> World:
    return a_world()


@contextmanager
def watched(app: Flask) -> Iterator[tuple[list[Any], list[dict[str, Any]]]]:
    """Keep every SELECT of an ORM session and every template's context of the block."""
    asked: list[Any] = []
    handed: list[dict[str, Any]] = []

    def note(state: ORMExecuteState) -> None:
        if state.is_select:
            asked.append(state.statement)

    def keep(_sender: object, context: dict[str, Any], **_more: object) -> None:
        handed.append(context)

    event.listen(db.session, "do_orm_execute", note)
    template_rendered.connect(keep, app)
    try:
        yield asked, handed
    finally:
        template_rendered.disconnect(keep, app)
        event.remove(db.session, "do_orm_execute", note)


def pages(app: Flask, world: World, role: Role) -> Iterator[str]:
    """Yield the address of every page the role may open, with the own county's records."""
    roles = {role.value} | ({"volunteer"} if role is Role.TEAM_LEADER else set())
    with app.test_request_context():
        for rule in sorted(app.url_map.iter_rules(), key=str):
            listed = "GET" in (rule.methods or ()) and rule.endpoint in ROUTES
            if listed and roles & audiences_of(rule.endpoint):
                values = ROUTES[rule.endpoint].values(world.mine)
                yield app.url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # of a route


def opened(app: Flask, world: World, role: Role) -> tuple[list[Any], list[dict[str, Any]], int]:
    """Return what was asked and handed out when a role opens all its pages, and how many."""
    secret = world.secrets[role.value]
    urls = list(pages(app, world, role))
    with watched(app) as (asked, handed):
        for url in urls:
            Browser(app, secret).client.get(url)
    return asked, handed, len(urls)


def too_far(statement: Any) -> list[str]:
    """Return the columns of a SELECT about children that lie beyond a volunteer's tier."""
    listed = [one for one in getattr(statement, "selected_columns", ()) if isinstance(one, Column)]
    about = [one for one in listed if one.table.name in OF_CHILDREN]
    if {one.name for one in about} in (FOR_RULES, FOR_THE_RHYTHM):
        return []
    return [str(one) for one in about if one.info["tier"] > Tier.ALIAS]


@pytest.mark.parametrize("role", VOLUNTEERS)
def test_what_volunteers_are_shown_is_asked_by_their_tier(
    app: Flask, world: World, role: Role
) -> None:
    asked, _handed, number = opened(app, world, role)

    assert number
    columns = Base.metadata.tables["children"].columns
    whole = [str(one) for one in columns if one.info["tier"] > Tier.ALIAS]
    # the page of a pairing loads the whole file, and hands it out as volunteers read it (below)
    assert [found for found in map(too_far, asked) if found and set(found) != set(whole)] == []


@pytest.mark.parametrize("role", [*VOLUNTEERS, Role.CHILD_DIRECTOR, Role.COORDINATOR])
def test_no_page_is_handed_a_bare_file(app: Flask, world: World, role: Role) -> None:
    _asked, handed, _number = opened(app, world, role)

    bare, seen = set(), []
    for context in handed:
        for name, value in _looked_into(context):
            if isinstance(value, Child):
                bare.add(name)
            elif isinstance(value, Shown):
                seen.append(value)
    assert bare - {"waiting.child"} == set()  # whose page shows only what it lacks
    if role in {Role.VOLUNTEER, Role.TEAM_LEADER}:
        assert seen
        for one in seen:
            with pytest.raises(Hidden):
                _ = one.risk


def _looked_into(context: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in context.items():
        yield name, value
        if is_dataclass(value) and not isinstance(value, type):
            for one in fields(value):
                yield f"{name}.{one.name}", getattr(value, one.name)
