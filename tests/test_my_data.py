"""One's own data, whole, on the screen and as a file; a child's copy only against a request."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.rules import Role
from campaigns.seats.rules import SeatState
from children.models import Child
from core import clock
from core.audit import AuditRow
from core.db import Base, db
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind
from pairings.rules import Stage
from rights.copies.labels import WORDS
from rights.copies.queries import everything
from rights.copies.rules import as_data
from rights.requests.models import RightsRequest
from rights.requests.rules import RequestKind, State
from tests.browser import Browser
from tests.builders.access import a_decoy, a_reveal
from tests.builders.campaigns import a_sign_up, a_slot
from tests.builders.children import a_child, a_consented_child
from tests.builders.pairings import a_pairing, a_signed
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.places import a_village
from tests.builders.rights import a_request
from tests.builders.sealed import a_sealed_part
from tests.builders.visits import a_visit
from tests.builders.volunteers import a_free_time, a_team, an_active_volunteer, an_hour_entry
from tests.conftest import NOON, BrowseAs, SetClock
from tests.factories import CANARY
from visits.feeds.rules import Reach
from visits.rules import State as VisitState
from volunteers.models import Volunteer
from volunteers.rules import EvidenceKind, Period, Skill, Status

INSIDE = {
    "people",
    "role_grants",
    "sign_in_sessions",
    "volunteers",
    "evidence",
    "free_times",
    "team_members",
    "team_leads",
    "team_left",
    "hour_entries",
    "certificates",
    "student_statuses",
    "sign_ups",
    "attendances",
    "visit_parties",
    "visit_answers",
    "contact_points",
    "calendar_feeds",
    "invitation_wishes",
    "busy_imports",
    "busy_times",
    "inbox_items",
    "audit_rows",
}
"""Tables whose rows about a person are in the copy."""


@pytest.fixture
def volunteer(app: Flask) -> Volunteer:
    """A volunteer who has done everything there is to do."""
    village = a_village()
    child = a_consented_child(village, interests=CANARY, care_hint=CANARY)
    members = [an_active_volunteer(org_text="=1+1") for _turn in range(2)]
    pairing = a_pairing(child, a_team(members=members), stage=Stage.ACTIVE, note=CANARY)
    a_visit(pairing, place_text=CANARY)
    an_hour_entry(members[0])
    person_id = members[0].person_id
    a_sign_up(a_slot(), phone="15400001111", person_id=person_id)
    return members[0]


@pytest.fixture
def me(volunteer: Volunteer, browse_as: BrowseAs) -> Browser:
    return browse_as(volunteer.person_id, stepped_up=True)


def test_somebody_sees_everything_and_nothing_of_a_child(me: Browser) -> None:
    page = me.get("/my-data")

    for title in (
        "账户",
        "志愿者资料",
        "办过的手续",
        "空闲时间",
        "小组",
        "服务时长",
        "报名",
        "走访",
    ):
        assert title in page.texts("details b")
    assert CANARY not in page.html


TYPED = (
    ("person", "name"),
    ("sign_ups", "name"),
    ("sign_ups", "organisation"),
    ("teams", "team"),
    ("led_teams", "team"),
    ("evidence", "reference"),
)
"""What somebody has written, which has no other language."""
ISO = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d\+\d\d")


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_page_says_it_in_words_and_the_file_as_it_is_kept(
    me: Browser, volunteer: Volunteer, language: str
) -> None:
    """Languages, states, days and times of the day: nothing a machine says of them."""
    a_grant(volunteer.person_id, Role.EDITOR, area_id=volunteer.county_id)
    a_free_time(volunteer, weekday=5, start_minute=540, end_minute=1080)
    cells = set(me.get(f"{language}/my-data").texts("main td"))
    kept = json.loads(me.post("/my-data/json", follow=False).html)

    coded = [row[key] for section, key in WORDS for row in kept.get(section, ())]
    codes = set(map(str, filter(None, coded)))
    assert {"zh_Hans", "active", "volunteer", "editor", "clear", "held"} <= codes
    assert cells & codes == set()
    assert [cell for cell in cells if ISO.search(cell) or "_" in cell] == []
    expected = {
        "": {"中文", "服务中", "编辑", "已通过", "周六", "9:00", "18:00", "今天 12:00", "是"},
        "/en": {"中文", "Active", "Editor", "Saturday", "9:00", "Today 12:00", "Yes"},
    }[language]
    assert expected <= cells
    assert ISO.match(str(kept["person"][0]["created_at"]))
    typed = {str(row[key]) for section, key in TYPED for row in kept.get(section, ())}
    if language:
        chinese = {cell for cell in cells if re.search(r"[\u4e00-\u9fff]", cell)}
        assert chinese <= typed | {"中文"}


def test_every_word_that_is_kept_about_somebody_has_one_for_people() -> None:
    for enumeration, column in (
        (Role, ("roles", "role")),
        (Status, ("volunteer", "status")),
        (SeatState, ("sign_ups", "state")),
        (VisitState, ("visits", "state")),
        (Reach, ("calendar_feeds", "reach")),
        (EvidenceKind, ("evidence", "kind")),
        (Period, ("free_times", "period")),
        (Skill, ("volunteer", "skills")),
    ):
        assert set(enumeration) <= set(WORDS[column])


def test_the_file_holds_what_the_page_shows(me: Browser, volunteer: Volunteer) -> None:
    answer = me.post("/my-data/json", follow=False)

    found = json.loads(answer.html)
    assert found["volunteer"][0]["number"] == volunteer.number
    assert found["hours"][0]["minutes"] == 90
    assert {"person", "roles", "sessions", "evidence", "teams", "visits"} <= set(found)
    assert CANARY not in answer.html
    assert volunteer.person_id not in found["person"][0].values()


def test_tables_keep_formulas_from_being_formulas(me: Browser) -> None:
    text = me.post("/my-data/csv", follow=False).html

    cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]
    assert "'=1+1" in cells
    assert not any(cell.startswith("=") for cell in cells)


def test_a_download_is_a_request_that_is_done_at_once(me: Browser, volunteer: Volunteer) -> None:
    form = me.get("/my-data").form("json")
    for _press in range(2):
        me.post("/my-data/json", form | {"form_key": "k" * 20}, follow=False)

    (found,) = db.session.scalars(select(RightsRequest)).all()
    assert (found.kind, found.state) == (RequestKind.COPY, State.DONE)
    assert found.volunteer_id == volunteer.id
    asked = select(func.count()).where(AuditRow.action == "own_data_copied")
    assert db.session.scalar(asked) == 1


def test_nobody_gets_another_shape_or_anothers_data(me: Browser, visitor: Browser) -> None:
    me.post("/my-data/xml", status=404)
    visitor.get("/my-data", status=302)
    visitor.post("/my-data/json", status=302, follow=False)


def test_every_table_that_names_a_person_is_in_the_copy_or_left_out_on_purpose() -> None:
    """Whoever adds a table with somebody's data decides here whether the copy holds it."""
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if (key.column.table.name == "people" and key.parent.name in {"person_id", "actor_id"})
        or (key.column.table.name == "volunteers" and key.parent.name == "volunteer_id")
    }
    secrets = {"sign_in_links", "recovery_codes", "passkeys", "student_mails"}
    secrets |= {"unsent_forms", "form_drafts", "saved_filters", "wx_grants"}
    mirrored = {"visit_holds"}  # the same times as in visit_parties, while a visit is open
    mirrored |= {"messages", "reveals"}  # what was sent is in the inbox; the ledger says how
    secrets |= {"message_quotas"}  # a count a day, kept for a week
    listed_beside = {"rights_requests", "erasures"}
    of_children = {"agreement_signatures"}  # part of a child's file; each has the paper itself
    assert about - INSIDE == secrets | mirrored | listed_beside | of_children


def test_a_copy_of_nothing_is_no_error(app: Flask) -> None:
    person_id = a_member_of_staff(Role.EDITOR)

    assert set(as_data(everything(person_id))) == {"person", "roles"}


def test_a_guardian_gets_the_whole_file_on_paper(app: Flask, browse_as: BrowseAs) -> None:
    child = a_child(care_hint="不吃花生")
    a_signed(a_pairing(child, stage=Stage.APPROVED))
    request = a_request(child)
    coordinator = a_coordinator_of(child, browse_as)

    page = coordinator.get(f"/rights/{request.uid}/copy")

    assert "不吃花生" in page.text
    assert "对一次结对，监护人：愿意" in page.text
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "child_copied")).one()
    assert (row.ref, row.reason) == (child.uid, request.uid)


def a_coordinator_of(child: Child, browse_as: BrowseAs, *, stepped_up: bool = True) -> Browser:
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    return browse_as(person_id, stepped_up=stepped_up)


def copies_printed() -> int:
    asked = select(func.count()).where(AuditRow.action == "child_copied")
    return db.session.scalar(asked) or 0


def test_nobody_enters_a_request_and_prints_the_file_alone(app: Flask, browse_as: BrowseAs) -> None:
    child = a_child(care_hint="不吃花生")
    a_sealed_part(child)
    first, second = (a_coordinator_of(child, browse_as) for _turn in range(2))
    for browser in (first, second):
        browser.may_see_children = True
    wish = {"kind": "copy", "asker": "guardian", "channel": "phone", "received_on": "2026-11-24"}
    first.post(f"/children/{child.uid}/rights", wish)
    uid = db.session.scalars(select(RightsRequest.uid)).one()

    assert "由另一位协调员打印" in first.get(f"/rights/{uid}").text
    refused = first.get(f"/rights/{uid}/copy", status=409)
    assert "要由另一位协调员打印" in refused.text
    assert CANARY not in refused.text
    assert copies_printed() == 0
    assert "不吃花生" in second.get(f"/rights/{uid}/copy").text
    assert copies_printed() == 1


def test_whoever_prints_a_file_has_just_proved_who_they_are(
    app: Flask, browse_as: BrowseAs
) -> None:
    child = a_child(care_hint="不吃花生")
    coordinator = a_coordinator_of(child, browse_as, stepped_up=False)

    page = coordinator.get(f"/rights/{a_request(child).uid}/copy", status=302)

    assert "不吃" not in page.text
    assert copies_printed() == 0


def test_a_printed_copy_counts_to_the_reveals_of_an_hour(
    app: Flask, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    child = a_child(care_hint="不吃花生")
    a_sealed_part(child)
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    for minute in range(19):
        a_reveal(child, person_id, at=NOON - timedelta(minutes=minute))
    coordinator, request = browse_as(person_id, stepped_up=True), a_request(child)
    coordinator.may_see_children = True

    assert CANARY in coordinator.get(f"/rights/{request.uid}/copy").text
    stopped = coordinator.get(f"/rights/{request.uid}/copy", status=429)

    assert "不吃花生" not in stopped.text
    assert CANARY not in stopped.text
    assert copies_printed() == 1
    alert = db.session.scalars(select(Alert)).one()
    assert (alert.kind, alert.about_id) == (AlertKind.TOO_MANY_REVEALS, person_id)
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "reveal_stopped")).one()
    assert (row.ref, row.reason, row.fields) == (child.uid, request.uid, [])
    reason = {"fields": ["health"], "reason": "safety", "note": "急"}
    coordinator.post(f"/children/{child.uid}/reveal", reason, status=429)
    set_clock(NOON + timedelta(hours=1, seconds=1))
    later = browse_as(person_id, stepped_up=True)
    later.may_see_children = True
    assert CANARY in later.get(f"/rights/{request.uid}/copy").text


def test_a_copy_of_a_decoy_raises_the_alarm(app: Flask, browse_as: BrowseAs) -> None:
    decoy = a_decoy()

    a_coordinator_of(decoy, browse_as).get(f"/rights/{a_request(decoy).uid}/copy")

    assert db.session.scalars(select(Alert.kind)).all() == [AlertKind.DECOY_OPENED]


@pytest.mark.parametrize(
    "given",
    [
        {"kind": RequestKind.CORRECT},
        {"state": State.DONE, "outcome": "已交", "closed_at": clock.now() - timedelta(days=1)},
    ],
)
def test_without_an_open_request_for_it_nobody_prints_a_file(
    app: Flask, browse_as: BrowseAs, given: dict[str, object]
) -> None:
    child: Child = a_child()
    request = a_request(child, **given)
    coordinator = a_coordinator_of(child, browse_as)

    coordinator.get(f"/rights/{request.uid}/copy", status=409)

    assert copies_printed() == 0


def test_an_officer_prints_no_file(app: Flask, browse_as: BrowseAs) -> None:
    child = a_child()
    officer = browse_as(a_member_of_staff(Role.DPO, area_id=child.county_id))

    officer.get(f"/rights/{a_request(child).uid}/copy", status=403)
