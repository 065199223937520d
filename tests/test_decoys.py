"""Files nobody has a reason to open: they look like any, and opening one is told at once."""

import time
from dataclasses import fields
from datetime import timedelta

import pytest
from flask import Flask, url_for
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from children import services as children
from children.access.decoys.models import DecoyChild
from children.access.planting import services
from children.models import Child
from children.queries import waiting_by_county
from children.rules import NeedState, is_alias
from core.access import audiences_of
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind
from messages.models import Message
from tests.browser import Browser
from tests.builders.access import a_decoy
from tests.builders.children import a_child
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_township, a_village
from tests.conftest import NOON, BrowseAs, SetClock
from tests.test_matrix import ROUTES, routes
from tests.worlds import County


def a_coordinator(child: Child, browse_as: BrowseAs) -> tuple[int, Browser]:
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    browser = browse_as(person_id, stepped_up=True)
    browser.may_see_children = True
    return person_id, browser


def alerts() -> list[Alert]:
    db.session.rollback()
    return list(db.session.scalars(select(Alert).order_by(Alert.id)))


@pytest.mark.parametrize(
    "path", ["", "/reveal", "/access/ask", "/send-back", "/close", "/consents/pairing"]
)
def test_whoever_opens_a_decoy_is_told_of_at_once(browse_as: BrowseAs, path: str) -> None:
    decoy = a_decoy()
    lead = a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=decoy.county_id)
    person_id, browser = a_coordinator(decoy, browse_as)

    began = time.monotonic()
    browser.get(f"/children/{decoy.uid}{path}")
    took = time.monotonic() - began

    (alert,) = alerts()
    assert (alert.kind, alert.ref, alert.about_id) == (
        AlertKind.DECOY_OPENED,
        decoy.uid,
        person_id,
    )
    assert alert.area_id == decoy.county_id
    assert took < 5
    told = db.session.scalars(select(Message.person_id).where(Message.kind == "alert_raised"))
    assert set(told) == {lead}


LEADING_BACK = {"choosing.choose", "choosing.compare"}
"""Of a child who may not be paired today, as no decoy may: back to its page on the board."""


def pages_of_a_child(app: Flask) -> list[tuple[str, dict[str, object]]]:
    """Every address answering a GET that names a child, as the list of all routes has it."""
    named = County(**{field.name: field.name for field in fields(County)})  # type: ignore[arg-type]  # names stand in for the records
    children = {"child", "waiting_child", "consented_child"}
    return [
        (rule.endpoint, given)
        for rule, method in routes(app)
        for given in [ROUTES[rule.endpoint].values(named)]
        if method == "GET" and given.get("child_uid", given.get("uid")) in children
    ]


def test_every_page_with_a_childs_name_in_its_address_raises_the_alarm(
    app: Flask, browse_as: BrowseAs
) -> None:
    silent: list[str] = []
    pages = pages_of_a_child(app)
    for number, (endpoint, given) in enumerate(pages, 1):
        decoy = a_decoy()
        where = {Role.COORDINATOR: decoy.county_id, Role.CHILD_DIRECTOR: decoy.village_id}
        role = next(one for one in where if one in audiences_of(endpoint))
        browser = browse_as(a_member_of_staff(role, area_id=where[role]), stepped_up=True)
        key = "child_uid" if "child_uid" in given else "uid"
        with app.test_request_context():
            path = url_for(endpoint, **given | {key: decoy.uid})  # type: ignore[arg-type]  # of a route
        browser.get(path, status=302 if endpoint in LEADING_BACK else 200)
        found = alerts()
        if (len(found), found[-1].ref if found else "") != (number - len(silent), decoy.uid):
            silent.append(endpoint)
    assert silent == []
    assert {"guardian_links.make", "rights.enter", "child_access.log"} <= {one for one, _ in pages}
    assert len(pages) >= 13


@pytest.mark.parametrize("path", ["/links", "/rights"])
def test_a_page_beside_a_file_is_a_look_at_it(browse_as: BrowseAs, path: str) -> None:
    child = a_child()
    person_id, browser = a_coordinator(child, browse_as)

    browser.get(f"/children/{child.uid}{path}")

    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "child_seen")).one()
    assert (row.ref, row.actor_id) == (child.uid, person_id)


@pytest.mark.parametrize("role", [Role.SAFEGUARDING_LEAD, Role.AUDITOR])
def test_whoever_checks_on_the_lookers_is_no_alarm(browse_as: BrowseAs, role: Role) -> None:
    decoy = a_decoy()
    area_id = decoy.county_id if role is Role.SAFEGUARDING_LEAD else None

    browse_as(a_member_of_staff(role, area_id=area_id)).get(f"/children/{decoy.uid}/access")

    assert alerts() == []


def test_a_decoy_and_a_real_file_look_alike(browse_as: BrowseAs) -> None:
    village = a_village()
    decoy, real = a_decoy(village), a_child(village, state=NeedState.WITHDRAWN)
    _person_id, browser = a_coordinator(decoy, browse_as)

    def bare(child: Child) -> str:
        page = browser.get(f"/children/{child.uid}")
        main = str(page.soup.select_one("main"))
        return main.replace(child.uid, "").replace(child.alias, "")

    assert bare(decoy) == bare(real)
    rows = browser.get("/children").soup.select("tbody tr")
    texts = {str(row).replace(one.uid, "").replace(one.alias, "") for row in rows
             for one in (decoy, real) if one.uid in str(row)}  # fmt: skip
    assert (len(rows), len(texts)) == (2, 1)


def test_it_is_told_once_a_day_for_each_who_opens_it(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    decoy = a_decoy()
    _first, browser = a_coordinator(decoy, browse_as)
    second, other = a_coordinator(decoy, browse_as)

    for _turn in range(3):
        browser.get(f"/children/{decoy.uid}")
    assert len(alerts()) == 1
    other.get(f"/children/{decoy.uid}")
    assert len(alerts()) == 2
    set_clock(NOON + timedelta(hours=13))  # the next day in China
    other = browse_as(second)
    other.get(f"/children/{decoy.uid}")
    assert len(alerts()) == 3
    rows = db.session.scalar(
        select(func.count()).where(AuditRow.action == "child_seen", AuditRow.ref == decoy.uid)
    )
    assert rows == 5


def test_whoever_looks_into_the_alert_finds_who_looked_and_raises_none(
    browse_as: BrowseAs,
) -> None:
    decoy = a_decoy()
    lead = browse_as(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=decoy.county_id))
    _person_id, browser = a_coordinator(decoy, browse_as)
    browser.get(f"/children/{decoy.uid}")

    (way,) = lead.get(f"/alerts/{alerts()[0].uid}").links("/children/")

    assert way == f"/children/{decoy.uid}/access"
    assert lead.get(way).texts("tbody td:nth-child(3)") == ["查看档案"]
    assert len(alerts()) == 1


def test_the_alert_is_lost_with_its_look_and_only_with_it(app: Flask) -> None:
    decoy = a_decoy()
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=decoy.county_id))

    def looks_and_fails() -> None:
        with transaction():
            children.look(decoy.uid, by=by)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        looks_and_fails()

    assert alerts() == []
    assert db.session.scalar(select(func.count(AuditRow.id))) == 0


def test_a_real_file_raises_nothing_and_a_neighbour_sees_no_decoy(browse_as: BrowseAs) -> None:
    decoy, real = a_decoy(), a_child()
    _person_id, browser = a_coordinator(real, browse_as)

    browser.get(f"/children/{real.uid}")
    browser.get(f"/children/{decoy.uid}", status=404)

    assert alerts() == []


def test_every_countys_decoys_are_planted_by_command(app: Flask) -> None:
    villages = [a_village(), a_village(a_township())]

    first = app.test_cli_runner().invoke(args=["children", "plant-decoys", "--each", "3"])
    second = app.test_cli_runner().invoke(args=["children", "plant-decoys", "--each", "4"])

    assert first.output == "planted 6 decoy files\n"
    assert second.output == "planted 2 decoy files\n"
    planted = db.session.scalars(
        select(Child).join(DecoyChild, DecoyChild.child_id == Child.id)
    ).all()
    assert len(planted) == 8
    assert {child.village_id for child in planted} == {village.id for village in villages}
    assert all(is_alias(child.alias) and child.alias not in first.output for child in planted)
    rows = db.session.scalars(select(AuditRow).where(AuditRow.action == "decoys_planted")).all()
    assert [(row.ref, row.actor_id) for row in rows] == [("counties", None)] * 2


def test_no_decoy_can_be_paired_or_counts_anywhere(app: Flask) -> None:
    a_village()
    services.plant(5)
    decoys = db.session.scalars(select(Child)).all()
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=decoys[0].county_id))

    for decoy in decoys:
        with pytest.raises(RuleBroken):
            children.open_need(decoy.uid, version=decoy.version, by=by)
        with pytest.raises(NotYours):
            children.verify(decoy.uid, version=decoy.version, by=by)
        assert not any(children.mark(decoy.id, state) for state in
                       (NeedState.OPEN, NeedState.MATCHED, NeedState.MET))  # fmt: skip
    assert waiting_by_county() == {}
