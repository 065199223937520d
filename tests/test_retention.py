"""What is over its term: the harmless goes by itself, files only by two people."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import SignInSession
from accounts.queries import actor_for
from accounts.rules import Role
from accounts.sessions.services import open_session
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from children.consents.links.models import GuardianLink
from children.models import Child
from children.rules import ConsentState, NeedState, Purpose
from core import clock
from core.audit import AuditRow
from core.db import Base, db
from core.once import SubmittedForm
from core.parameters import ParameterValue
from messages.models import InboxItem, Message
from messages.rules import Channel
from messages.rules import State as MessageState
from rights.erasures import services as erasures
from rights.erasures.rules import Why
from rights.requests.models import RightsRequest
from rights.requests.rules import State
from rights.retention import queries, services
from rights.retention.rules import WAYS, Kind, Way
from tests.builders.campaigns import a_sign_up, a_slot
from tests.builders.children import a_child, a_consent
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_village
from tests.builders.rights import a_guardian_link, a_request
from tests.builders.wishes import a_claim
from tests.conftest import NOON, BrowseAs, SetClock
from tests.factories import CANARY, a_number, saved

pytestmark = pytest.mark.usefixtures("app")
YEARS = timedelta(days=365)


def numbers() -> dict[Kind, int]:
    return {due.kind: due.number for due in queries.status()}


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def a_message(**given: Any) -> Message:
    now = clock.now()
    fields = {
        "dedup_key": f"old/{a_number()}",
        "kind": "volunteer_active",
        "person_id": a_person().id,
        "channel": Channel.INAPP,
        "params": {"name": CANARY},
        "due_at": now,
        "next_at": now,
        "expire_at": now,
        "state": MessageState.SENT,
    }
    return saved(Message(**fields | given))


def everything_old() -> Child:
    """Make one of each kind two years before the clock of the tests; return the child."""
    child = a_child(a_village(), state=NeedState.MET)
    by = a_member_of_staff(Role.CHILD_DIRECTOR, area_id=child.village_id)
    saved(SubmittedForm(key="k" * 20, at=clock.now()))
    open_session(by, agent="old")
    a_sign_up(a_slot(), state=SeatState.ABANDONED, phone="15400002222")
    a_claim(state=SeatState.CANCELLED, phone="15400002223")
    a_claim(state=SeatState.COMPLETED, phone="15400002224")
    message = a_message()
    saved(
        InboxItem(
            person_id=by,
            message_id=message.id,
            kind=message.kind,
            params={"name": CANARY},
            created_at=clock.now(),
        )
    )
    a_guardian_link(child, by)
    a_request(child, state=State.REFUSED, outcome=CANARY, said=CANARY, closed_at=clock.now())
    return child


def test_at_first_nothing_is_due() -> None:
    assert set(numbers().values()) == {0}


def test_what_is_over_its_term_is_told_and_goes(set_clock: SetClock) -> None:
    set_clock(NOON - 4 * YEARS)
    child = everything_old()
    set_clock(NOON)
    told = {kind for kind, number in numbers().items() if number}
    assert told == set(Kind) - {Kind.WITHDRAWN, Kind.ASSESSMENTS}

    services.run()

    db.session.expire_all()
    left = {kind for kind, number in numbers().items() if number}
    assert left == {Kind.ENDED_FILES, Kind.AUDIT}
    assert [count(model) for model in (SubmittedForm, SignInSession, SignUp, GuardianLink)] == [
        *(0, 0, 0, 0)
    ]
    assert count(InboxItem) == 0
    assert db.session.scalars(select(Message.params)).all() == [{}]
    assert db.session.execute(select(RightsRequest.said, RightsRequest.outcome)).all() == [
        ("", "—")
    ]
    assert child.erased_on is None
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "retention_run")).one()
    assert "messages" in row.fields
    assert count(AuditRow) > 1


def test_a_dry_run_changes_nothing(app: Flask, set_clock: SetClock) -> None:
    set_clock(NOON - 4 * YEARS)
    everything_old()
    set_clock(NOON)
    before = {table.name: _rows(table.name) for table in Base.metadata.sorted_tables}

    said = app.test_cli_runner().invoke(args=["retention", "run", "--dry-run"]).output
    listed = app.test_cli_runner().invoke(args=["retention", "status"]).output

    assert "messages\t1\tby_itself" in said
    assert "Nothing was changed." in said
    assert "ended_files\t1\ttwo_people" in listed
    assert before == {table.name: _rows(table.name) for table in Base.metadata.sorted_tables}
    assert "Done" in app.test_cli_runner().invoke(args=["retention", "run"]).output
    assert numbers()[Kind.MESSAGES] == 0


def _rows(name: str) -> list[str]:
    db.session.rollback()
    table = Base.metadata.tables[name]
    return [str(tuple(row)) for row in db.session.execute(select(table))]


def test_a_message_that_waits_or_is_unsettled_keeps_its_words(set_clock: SetClock) -> None:
    set_clock(NOON - 2 * YEARS)
    for state in (MessageState.PENDING, MessageState.UNKNOWN):
        a_message(state=state)
    set_clock(NOON)

    services.run()

    assert db.session.scalars(select(Message.params)).all() == [{"name": CANARY}] * 2


def test_no_parameter_makes_the_audit_shorter_than_the_law(set_clock: SetClock) -> None:
    saved(
        ParameterValue(
            name="retention.audit_months",
            effective_from=date(2026, 1, 1),
            value={"value": 1},
            source="测试",
        )
    )

    term = next(due.term for due in queries.status() if due.kind is Kind.AUDIT)

    assert term == 6
    assert WAYS[Kind.AUDIT] is Way.KEPT


def test_a_file_is_listed_thirty_days_after_consent_is_taken_back(browse_as: BrowseAs) -> None:
    village = a_village()
    waits = a_child(village, state=NeedState.OPEN)
    a_consent(waits, Purpose.PAIRING, **taken_back(days=29))
    due = a_child(village, state=NeedState.OPEN)
    a_consent(due, Purpose.PAIRING, **taken_back(days=30))
    again = a_child(village, state=NeedState.OPEN)
    a_consent(again, Purpose.PAIRING, **taken_back(days=90))
    a_consent(again, Purpose.PAIRING, number=2)
    coordinator = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=due.county_id))

    page = coordinator.get("/retention/files")

    assert page.texts("main .rows a") == [due.alias]
    assert numbers()[Kind.WITHDRAWN] == 1
    assert "到期待删的档案" in coordinator.get("/home").text


def taken_back(*, days: int) -> dict[str, Any]:
    return {
        "state": ConsentState.WITHDRAWN,
        "dated": clock.today() - timedelta(days=days),
        "valid_until": None,
    }


def test_a_file_that_somebody_asked_to_erase_leaves_the_list(browse_as: BrowseAs) -> None:
    child = a_child(a_village(), state=NeedState.OPEN)
    a_consent(child, Purpose.PAIRING, **taken_back(days=40))
    first, second = (
        a_member_of_staff(Role.COORDINATOR, area_id=child.county_id) for _turn in range(2)
    )

    browse_as(first).post(f"/children/{child.uid}/erase")

    assert browse_as(second).get("/retention/files").links(child.uid) == []
    assert "等另一个人执行的删除" in browse_as(second).get("/home").text
    assert "等另一个人执行的删除" not in browse_as(first).get("/home").text


def test_a_closed_file_is_listed_once_nobody_has_touched_it_for_years(
    set_clock: SetClock,
) -> None:
    set_clock(NOON - 4 * YEARS)
    a_child(state=NeedState.MET)
    touched = a_child(state=NeedState.MET)
    looked_at = a_child(state=NeedState.MET)
    set_clock(NOON - YEARS)
    saved(_trace(touched, "child_edited"))
    saved(_trace(looked_at, "child_seen"))
    set_clock(NOON)

    assert numbers()[Kind.ENDED_FILES] == 2


def _trace(child: Child, action: str) -> AuditRow:
    return AuditRow(
        at=clock.now(), action=action, kind="child", ref=child.uid, fields=[], reason=""
    )


def test_another_countys_files_are_not_listed(browse_as: BrowseAs) -> None:
    child = a_child(a_village(), state=NeedState.OPEN)
    a_consent(child, Purpose.PAIRING, **taken_back(days=40))
    neighbour = a_child(a_village())
    browser = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=neighbour.county_id))

    assert "没有到期的档案" in browser.get("/retention/files").text


def test_an_erased_file_is_due_no_more() -> None:
    child = a_child(a_village(), state=NeedState.OPEN)
    a_consent(child, Purpose.PAIRING, **taken_back(days=40))
    first, second = (
        actor_for(a_member_of_staff(Role.COORDINATOR, area_id=child.county_id))
        for _turn in range(2)
    )
    uid = erasures.ask_for_child(child.uid, Why.CONSENT_WITHDRAWN, by=first)

    erasures.carry_out(uid, by=second)

    assert numbers()[Kind.WITHDRAWN] == 0


def test_the_officer_sees_numbers_and_no_file(browse_as: BrowseAs) -> None:
    child = a_child(a_village(), state=NeedState.OPEN)
    a_consent(child, Purpose.PAIRING, **taken_back(days=40))
    officer = browse_as(a_member_of_staff(Role.DPO))

    page = officer.get("/retention")

    assert "列入名单，由两个人删除" in page.text
    assert child.alias not in page.text
    officer.get("/retention/files", status=403)
