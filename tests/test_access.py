"""Access by request: who may see what is sealed, once, with a reason, and what that leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from accounts.models import Person, RoleGrant
from accounts.queries import actor_for
from accounts.rules import Role
from children.access.models import AccessGrant, Reveal
from children.access.rules import GrantState, Ground, Reason
from children.access.services import Asked
from children.models import Child
from children.rules import Purpose
from children.sealed.rules import SealedField
from children.services import seen_elsewhere
from core import clock
from core.audit import AuditRow
from core.db import db, transaction
from core.parameters import ParameterValue
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind
from pairings.page.views import SHOWN_OF_CHILD
from pairings.rules import Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.access import a_grant_to_look, a_reveal
from tests.builders.children import a_child, a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_township, a_village
from tests.builders.sealed import a_sealed_part, everything_of, in_use
from tests.builders.visits import SATURDAY, a_visit
from tests.conftest import NOON, BrowseAs, SetClock
from tests.factories import CANARY, saved
from visits.models import Visit
from visits.rules import State

NAME, PHONE = "real_name", "guardian_phone"
WHY = {"reason": "call_guardian", "note": "约走访时间"}


@dataclass
class Case:
    """A child with a sealed part, and those who answer for it."""

    child: Child
    village: Area
    browse_as: BrowseAs

    @property
    def county_id(self) -> int:
        return self.child.county_id

    @property
    def url(self) -> str:
        return f"/children/{self.child.uid}"

    def somebody(self, role: Role) -> int:
        where = {
            Role.CHILD_DIRECTOR: self.child.village_id,
            Role.CHILD_SUPERVISOR: self.child.township_id,
            Role.CITY_COORDINATOR: a_city().id,
        }
        return a_member_of_staff(role, area_id=where.get(role, self.county_id))

    def browser(self, person_id: int) -> Browser:
        browser = self.browse_as(person_id, stepped_up=True)
        browser.may_see_children = True
        return browser

    def reveal(self, person_id: int, *fields: str, status: int = 200, **given: Any) -> Any:
        sent = {"fields": list(fields or (NAME,)), **WHY} | given
        return self.browser(person_id).post(f"{self.url}/reveal", sent, status)

    def trail(self, *actions: str) -> list[str]:
        rows = select(AuditRow.action).where(AuditRow.ref == self.child.uid).order_by(AuditRow.id)
        found = list(db.session.scalars(rows))
        return [action for action in found if not actions or action in actions]


@pytest.fixture
def case(app: object, browse_as: BrowseAs) -> Case:
    village = a_village()
    child = a_child(village)
    a_sealed_part(child)
    in_use()
    return Case(child, village, browse_as)


def alerts() -> list[AlertKind]:
    return list(db.session.scalars(select(Alert.kind)))


def asked(*fields: SealedField, hours: int = 24) -> Asked:
    return Asked(
        frozenset(fields or {SealedField.REAL_NAME}), Reason.CALL_GUARDIAN, "约走访时间", hours
    )


def a_confirmed_visit(case: Case, **given: Any) -> Visit:
    pairing = a_pairing(case.child, stage=Stage.SCHEDULED_INTRO)
    return a_visit(pairing, **{"state": State.CONFIRMED} | given)


# --- once, with a reason ------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR])
def test_those_of_the_place_see_what_they_need_with_a_reason(case: Case, role: Role) -> None:
    person_id = case.somebody(role)

    page = case.reveal(person_id, NAME, PHONE, "exact_place", "health", "family")

    assert f"样例{CANARY}" in page.text
    assert everything_of(case.child)[SealedField.GUARDIAN_PHONE] in page.text
    assert case.trail() == ["child_revealed"]
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "child_revealed")).one()
    assert row.fields == [field.value for field in SealedField]
    assert (row.actor_id, row.reason) == (person_id, "call_guardian: 约走访时间")
    assert CANARY not in f"{row.fields}{row.reason}{row.ref}"
    made = db.session.scalars(select(Reveal)).one()
    assert (made.ground, made.person_id) == (Ground.STANDING, person_id)


def test_what_was_shown_is_gone_on_reload_and_kept_nowhere(case: Case) -> None:
    browser = case.browser(case.somebody(Role.CHILD_DIRECTOR))
    form = browser.get(f"{case.url}/reveal").form("/reveal") | {"fields": [NAME], **WHY}
    answer = browser.client.post(f"{case.url}/reveal", data=form)
    assert CANARY in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"

    again = browser.post(f"{case.url}/reveal", form)

    assert CANARY not in again.html
    assert "内容只显示一次" in again.text
    assert CANARY not in browser.get(f"{case.url}/reveal").html
    assert case.trail("child_revealed") == ["child_revealed"]


@pytest.mark.parametrize(
    "left_out", [{"reason": ""}, {"note": ""}, {"fields": []}, {"note": "电话 13912345678"}]
)
def test_without_a_proper_reason_nothing_is_shown(case: Case, left_out: dict[str, Any]) -> None:
    page = case.reveal(case.somebody(Role.CHILD_DIRECTOR), status=422, **left_out)

    assert page.errors
    assert CANARY not in page.html
    assert case.trail() == []


def test_who_has_not_lately_proved_who_they_are_is_asked_first(case: Case) -> None:
    person_id = case.somebody(Role.CHILD_DIRECTOR)
    browser = case.browse_as(person_id)

    answer = browser.client.get(f"{case.url}/reveal")
    sent = browser.client.post(f"{case.url}/reveal", data={"fields": [NAME], **WHY})

    assert answer.status_code == 302
    assert "/step-up" in answer.headers["Location"]
    assert CANARY not in sent.get_data(as_text=True)
    assert case.trail("child_revealed") == []


def test_health_and_family_are_known_to_the_centre_but_not_the_name(case: Case) -> None:
    coordinator = case.somebody(Role.COORDINATOR)

    assert "哮喘" in case.reveal(coordinator, "health").text
    page = case.reveal(coordinator, NAME, "health", status=403)

    assert CANARY not in page.html
    assert "您现在没有查看这几项的依据：真实姓名" in page.text
    assert case.trail() == ["child_revealed", "reveal_denied"]
    denied = db.session.scalars(select(AuditRow).where(AuditRow.action == "reveal_denied")).one()
    assert denied.fields == [NAME]


@pytest.mark.parametrize(
    "role", [Role.VOLUNTEER, Role.TEAM_LEADER, Role.ORG_LEAD, Role.DPO, Role.AUDITOR, Role.ADMIN]
)
def test_nobody_else_is_even_asked_for_a_reason(case: Case, role: Role) -> None:
    person_id = a_member_of_staff(role, area_id=case.county_id)

    page = case.reveal(person_id, status=403)

    assert CANARY not in page.html
    assert case.trail() == ["denied"]


def test_the_neighbours_child_and_a_missing_one_are_the_same_nothing(case: Case) -> None:
    neighbour = case.browser(a_member_of_staff(Role.COORDINATOR, area_id=a_township().parent_id))
    for path in ("reveal", "access", "access/ask"):
        theirs = neighbour.get(f"{case.url}/{path}", status=404)
        missing = neighbour.get(f"/children/{'A' * 22}/{path}", status=404)
        assert theirs.text.split("编号")[0] == missing.text.split("编号")[0]

    rows = db.session.execute(
        select(AuditRow.ref, AuditRow.reason)
        .where(AuditRow.action == "denied")
        .order_by(AuditRow.id)
    ).all()
    assert [tuple(row) for row in rows] == [
        (ref, f"child_access.{route}")
        for route in ("reveal", "log", "ask")
        for ref in (case.child.uid, "?")
    ]


# --- around a visit -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "open_then"),
    [
        (timedelta(hours=-48), True),
        (timedelta(hours=-48, seconds=-1), False),
        (timedelta(minutes=90, hours=24), True),
        (timedelta(minutes=90, hours=24, seconds=1), False),
    ],
)
def test_the_coordinator_sees_the_name_around_a_confirmed_visit(
    case: Case, set_clock: SetClock, away: timedelta, *, open_then: bool
) -> None:
    a_confirmed_visit(case)
    coordinator = case.somebody(Role.COORDINATOR)
    with transaction():
        db.session.execute(update(RoleGrant).values(from_on=NOON.date() - timedelta(days=9)))

    set_clock(SATURDAY + away)
    page = case.reveal(coordinator, status=200 if open_then else 403)

    assert (CANARY in page.html) is open_then
    if open_then:
        assert db.session.scalars(select(Reveal.ground)).one() is Ground.VISIT


@pytest.mark.parametrize("state", [State.PLANNED, State.CANCELLED, State.NO_SHOW])
def test_a_visit_that_is_not_confirmed_opens_nothing(
    case: Case, set_clock: SetClock, state: State
) -> None:
    a_confirmed_visit(case, state=state)
    set_clock(SATURDAY)

    case.reveal(case.somebody(Role.COORDINATOR), status=403)


def test_a_visit_opens_nothing_to_the_safeguarding_lead(case: Case, set_clock: SetClock) -> None:
    a_confirmed_visit(case)
    set_clock(SATURDAY)

    case.reveal(case.somebody(Role.SAFEGUARDING_LEAD), status=403)


def test_a_clock_set_back_does_not_open_the_window_again(case: Case, set_clock: SetClock) -> None:
    a_confirmed_visit(case)
    coordinator = case.somebody(Role.COORDINATOR)
    with transaction():
        db.session.execute(update(RoleGrant).values(from_on=NOON.date() - timedelta(days=9)))
    set_clock(SATURDAY + timedelta(days=3))
    case.reveal(coordinator, status=403)

    set_clock(SATURDAY)
    page = case.reveal(coordinator, status=403)

    assert CANARY not in page.html


# --- the limit ----------------------------------------------------------------------------


def test_whoever_decides_on_a_request_has_just_proved_who_they_are(case: Case) -> None:
    grant = a_grant_to_look(case.child, case.somebody(Role.COORDINATOR), state=GrantState.REQUESTED)
    lead = case.browse_as(case.somebody(Role.SAFEGUARDING_LEAD))

    page = lead.client.get(f"/access-requests/{grant.uid}")
    lead.post(f"/access-requests/{grant.uid}", {"decision": "approve"}, status=302, follow=False)

    assert page.headers["Location"] == f"/account/step-up?next=/access-requests/{grant.uid}"
    assert db.session.scalars(select(AccessGrant.state)).one() is GrantState.REQUESTED


def test_the_twenty_first_look_of_an_hour_stops_and_alerts(case: Case, set_clock: SetClock) -> None:
    director = case.somebody(Role.CHILD_DIRECTOR)
    for minute in range(19):
        a_reveal(case.child, director, at=NOON - timedelta(minutes=minute))
    assert CANARY in case.reveal(director).html

    for _turn in range(2):
        page = case.reveal(director, status=429)
        assert page.heading == "已停止：一小时内查看太多"
        assert CANARY not in page.html

    assert alerts() == [AlertKind.TOO_MANY_REVEALS]
    alert = db.session.scalars(select(Alert)).one()
    assert (alert.about_id, alert.area_id) == (director, case.county_id)
    assert case.trail() == ["child_revealed", "reveal_stopped", "reveal_stopped"]
    set_clock(NOON + timedelta(hours=1, seconds=1))
    assert CANARY in case.reveal(director).html
    set_clock(NOON - timedelta(hours=1))
    case.reveal(director, status=429)


def test_how_many_looks_an_hour_is_a_dated_value(case: Case) -> None:
    director = case.somebody(Role.CHILD_DIRECTOR)
    saved(
        ParameterValue(
            name="children.reveals_an_hour",
            effective_from=NOON.date(),
            value={"value": 1},
            source="测试",
        )
    )
    case.reveal(director)

    case.reveal(director, status=429)


def test_an_account_that_is_closed_while_the_page_is_open_sees_nothing(case: Case) -> None:
    director = case.somebody(Role.CHILD_DIRECTOR)
    browser = case.browser(director)
    form = browser.get(f"{case.url}/reveal").form("/reveal") | {"fields": [NAME], **WHY}
    with transaction():
        db.session.execute(
            update(Person).where(Person.id == director).values(disabled_at=clock.now())
        )

    answer = browser.client.post(f"{case.url}/reveal", data=form)

    assert answer.status_code == 302
    assert CANARY not in answer.get_data(as_text=True)
    assert db.session.scalar(select(func.count(Reveal.id))) == 0


# --- who has looked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "role",
    [
        Role.CHILD_DIRECTOR,
        Role.CHILD_SUPERVISOR,
        Role.COORDINATOR,
        Role.SAFEGUARDING_LEAD,
        Role.CITY_COORDINATOR,
        Role.AUDITOR,
    ],
)
def test_those_who_answer_for_a_child_see_who_looked(case: Case, role: Role) -> None:
    director = case.somebody(Role.CHILD_DIRECTOR)
    case.browser(director).get(case.url)
    case.reveal(director)

    page = case.browse_as(case.somebody(role)).get(f"{case.url}/access")

    name = db.session.get_one(Person, director).name
    assert [text.split()[-1] for text in page.texts("tbody td:nth-child(2)")] == [name, name]
    # what stands masked on the file itself is on record too
    assert page.texts("tbody td:nth-child(4)") == ["真实姓名", "真实姓名、监护人电话"]
    assert "最近 7 天：1 人打开 2 次，其中敏感信息 1 次" in page.text


def test_the_log_names_what_was_seen_elsewhere_in_words(case: Case) -> None:
    escort = case.somebody(Role.CHILD_DIRECTOR)
    fields = (*SHOWN_OF_CHILD, "place_text", Purpose.PAIRING)
    seen_elsewhere(case.child.id, by=actor_for(escort), fields=fields)

    page = case.browse_as(case.somebody(Role.COORDINATOR)).get(f"{case.url}/access")

    assert page.texts("tbody td:nth-child(4)") == [
        "性别、风险等级、乡镇、需要、要注意、见面地点、同意结对"
    ]


def test_the_log_turns_its_pages_with_few_questions(
    case: Case, at_most: Callable[[int], Any]
) -> None:
    coordinator = case.browser(case.somebody(Role.COORDINATOR))
    for _turn in range(55):
        coordinator.get(case.url)

    with at_most(7):
        page = coordinator.get(f"{case.url}/access")

    (further,) = page.links("after=")
    assert len(page.texts("tbody tr")) + len(coordinator.get(further).texts("tbody tr")) == 55
    assert "最近 7 天 1 人打开过 56 次" in coordinator.get(case.url).text


def test_the_list_of_requests_asks_few_questions(case: Case, at_most: Callable[[int], Any]) -> None:
    asker = case.somebody(Role.COORDINATOR)
    for _turn in range(55):
        a_grant_to_look(a_child(case.village), asker, state=GrantState.REQUESTED)
    lead = case.browser(case.somebody(Role.SAFEGUARDING_LEAD))

    with at_most(6):
        page = lead.get("/access-requests")

    (further,) = page.links("after=")
    assert len(page.texts("tbody tr")) + len(lead.get(further).texts("tbody tr")) == 55


def test_empty_lists_say_what_to_do(case: Case) -> None:
    lead = case.browser(case.somebody(Role.SAFEGUARDING_LEAD))
    assert "还没有查看申请" in lead.get("/access-requests").text
    assert "没有等审批的申请" in lead.get("/access-requests?waiting=1").text
    city = case.browser(case.somebody(Role.CITY_COORDINATOR))
    assert "还没有查看申请" in city.get("/access-requests").text
    assert "还没有人看过" in lead.get(f"{case.url}/access").text
    director = case.browser(case.somebody(Role.CHILD_DIRECTOR))
    assert "没有需要申请的" in director.get(f"{case.url}/access/ask").text


def test_every_page_is_there_in_english(case: Case) -> None:
    coordinator = case.browser(case.somebody(Role.COORDINATOR))
    grant = a_grant_to_look(case.child, case.somebody(Role.COORDINATOR), state=GrantState.REQUESTED)
    for path in (
        f"{case.url}/reveal",
        f"{case.url}/access",
        f"{case.url}/access/ask",
        "/access-requests",
        f"/access-requests/{grant.uid}",
    ):
        assert coordinator.get(f"/en{path}").soup.select_one("html[lang=en]")


def test_a_site_that_keeps_nothing_sealed_says_so(app: object, browse_as: BrowseAs) -> None:
    child = a_consented_child()
    browser = browse_as(
        a_member_of_staff(Role.COORDINATOR, area_id=child.county_id), stepped_up=True
    )

    assert "没有登记敏感信息" in browser.get(f"/children/{child.uid}/reveal").text
