"""Every look at a child's record and every denial leaves one row; the denied learn nothing."""

import io
import json
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from accounts.rules import Role
from children.access.denials import services as denials
from children.models import Child
from children.rules import NeedState
from core import clock, logs
from core.audit import AuditRow
from core.db import db, transaction
from core.writers import WriterBusy
from pairings.models import Pairing
from pairings.rules import Stage
from tests.browser import Browser
from tests.builders.access import a_decoy
from tests.builders.children import a_child, a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.rights import a_request, an_erasure
from tests.builders.sealed import a_sealed_part
from tests.builders.visits import SATURDAY, a_visit, members_of
from tests.conftest import BrowseAs, SetClock
from tests.factories import CANARY
from visits.rules import State
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import TeamMember

MISSING = "A" * 22


def rows(*actions: str) -> list[tuple[str, str, str]]:
    found = db.session.execute(
        select(AuditRow.action, AuditRow.kind, AuditRow.ref)
        .where(AuditRow.action.in_(actions))
        .order_by(AuditRow.id)
    )
    return [(row.action, row.kind, row.ref) for row in found]


def coordinator_of(child: Child, browse_as: BrowseAs) -> Browser:
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    browser = browse_as(person_id)
    browser.may_see_children = True
    return browser


def a_neighbour(browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))


# --- lines of the log ---------------------------------------------------------------------


@pytest.fixture
def written(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the site writes to standard error, of warnings."""
    lines = io.StringIO()
    monkeypatch.setattr("sys.stderr", lines)
    logs.configure("warning")
    yield lines
    logs.configure("error")


def refusals(written: io.StringIO) -> list[tuple[int, str, int]]:
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    for line in lines:
        assert set(line) == {"event", "level", "person", "request", "status", "timestamp", "view"}
    written.truncate(0)
    written.seek(0)
    return [(one["person"], one["view"], one["status"]) for one in lines]


def test_each_refusal_is_logged_with_who_and_what_view(
    browse_as: BrowseAs, written: io.StringIO
) -> None:
    child, county = a_child(), a_county()
    a_sealed_part(child)
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=county.id)
    neighbour = browse_as(person_id, stepped_up=True)

    neighbour.get(f"/children/{child.uid}?{CANARY}", status=404)
    neighbour.post(f"/children/{child.uid}/verify", {"version": CANARY}, status=403)
    neighbour.get(f"/volunteers/{MISSING}", status=404)
    neighbour.get("/people", status=403)
    neighbour.post("/account/sessions/999/end", status=404)

    assert CANARY not in written.getvalue()
    assert child.uid not in written.getvalue()
    assert refusals(written) == [
        (person_id, "children.show", 404),
        (person_id, "children.verify", 403),
        (person_id, "volunteers.show", 404),
        (person_id, "admin.people", 403),
        (person_id, "accounts.end_session", 404),
    ]


def test_a_reveal_without_a_ground_is_a_refusal_in_the_log_too(
    browse_as: BrowseAs, written: io.StringIO
) -> None:
    child = a_child()
    a_sealed_part(child)
    person_id = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    browser = browse_as(person_id, stepped_up=True)
    browser.may_see_children = True
    asked = {"fields": ["real_name"], "reason": "safety", "note": CANARY}

    browser.post(f"/children/{child.uid}/reveal", asked, status=403)

    assert CANARY not in written.getvalue()
    assert refusals(written) == [(person_id, "child_access.reveal", 403)]


def test_a_decoy_that_is_refused_reads_in_the_log_like_a_missing_file(
    browse_as: BrowseAs, written: io.StringIO
) -> None:
    decoy, neighbour = a_decoy(), a_neighbour(browse_as)
    lines = []
    for uid in (decoy.uid, a_child().uid, MISSING):
        neighbour.get(f"/children/{uid}", status=404)
        lines.append(refusals(written))

    assert lines[0] == lines[1] == lines[2] != []


def test_an_address_nobody_has_and_a_visitors_are_no_refusals(
    browse_as: BrowseAs, visitor: Browser, written: io.StringIO
) -> None:
    child = a_child()
    a_neighbour(browse_as).get("/nowhere", status=404)
    visitor.get(f"/children/{child.uid}", status=302)
    visitor.get("/campaigns/nothing-like-it", status=404)

    assert refusals(written) == []


# --- looks --------------------------------------------------------------------------------


def test_a_list_is_one_row_with_how_many_not_one_for_each_child(browse_as: BrowseAs) -> None:
    child = a_consented_child()
    for _turn in range(3):
        a_child(None, county_id=child.county_id)
    pairing = a_pairing(stage=Stage.ACTIVE, child=None)
    browser = coordinator_of(child, browse_as)
    browser.get("/children")
    browser.get("/board")
    coordinator_of(db.session.get_one(Child, pairing.child_id), browse_as).get("/pairings")

    assert rows("list_seen") == [
        ("list_seen", "child_list", "children/4"),
        ("list_seen", "child_list", "board/1"),  # the others lack a consent
        ("list_seen", "child_list", "pairings/1"),
    ]


def test_each_page_with_more_than_an_alias_is_one_row(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    waiting = a_consented_child()
    pairing = a_pairing(stage=Stage.ACTIVE)
    paired = db.session.get_one(Child, pairing.child_id)
    visit = a_visit(pairing, state=State.CONFIRMED)
    leader = members_of(pairing)[0][0]
    browser = coordinator_of(waiting, browse_as)
    for path in ("/children/{0}", "/children/{0}/edit", "/children/{0}/close", "/board/{0}",
                 "/children/{0}/send-back", "/children/{0}/consents/pairing"):  # fmt: skip
        browser.get(path.format(waiting.uid))
    assert rows("child_seen") == [("child_seen", "child", waiting.uid)] * 6

    staff = coordinator_of(paired, browse_as)
    staff.get(f"/pairings/{pairing.uid}")
    staff.get(f"/visits/{visit.uid}")
    volunteer = browse_as(leader)
    volunteer.get(f"/pairings/{pairing.uid}")  # the alias tier
    volunteer.get(f"/visits/{visit.uid}")  # four days before: the alias tier
    assert rows("child_seen")[6:] == [("child_seen", "child", paired.uid)] * 2
    set_clock(SATURDAY - timedelta(hours=47))
    browse_as(leader).get(f"/visits/{visit.uid}")
    assert len(rows("child_seen")) == 9


# --- denials ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/children/{child}", "child"),
        ("/children/{child}/edit", "child"),
        ("/children/{child}/reveal", "child"),
        ("/children/{child}/access", "child"),
        ("/children/{child}/consents/pairing", "child"),
        ("/board/{child}", "child"),
        ("/pairings/{pairing}", "pairing"),
        ("/visits/{visit}", "visit"),
        ("/visits/{visit}/move", "visit"),
        ("/children/{child}/links", "child"),
        ("/children/{child}/rights", "child"),
        ("/rights/{rights_request}", "rights_request"),
        ("/rights/{rights_request}/copy", "rights_request"),
    ],
)
def test_a_neighbours_record_and_a_missing_one_leave_one_row_each(
    browse_as: BrowseAs, path: str, kind: str
) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    child = db.session.get_one(Child, pairing.child_id)
    uids = {"child": child.uid, "pairing": pairing.uid, "visit": a_visit(pairing).uid}
    uids["rights_request"] = a_request(child).uid
    neighbour = browse_as(
        a_member_of_staff(Role.COORDINATOR, area_id=a_county().id), stepped_up=True
    )

    theirs = neighbour.get(path.format(**uids), status=404)
    missing = neighbour.get(path.format(**dict.fromkeys(uids, MISSING)), status=404)

    assert rows("denied") == [("denied", kind, uids[kind]), ("denied", kind, "?")]
    assert theirs.texts("main h1, main p")[:2] == missing.texts("main h1, main p")[:2]
    assert CANARY not in theirs.html


def test_a_sent_form_for_a_neighbours_child_leaves_one_row(browse_as: BrowseAs) -> None:
    child = a_child(state=NeedState.VERIFIED)
    neighbour = a_neighbour(browse_as)

    neighbour.post(f"/children/{child.uid}/open", {"version": "1"}, status=404)
    neighbour.post(f"/children/{child.uid}/verify", {"version": "1"}, status=403)

    assert rows("denied", "child_opened") == [("denied", "child", child.uid)] * 2


def test_whoever_would_erase_a_neighbours_file_leaves_one_row(browse_as: BrowseAs) -> None:
    child = a_child()
    request, erasure = a_request(child), an_erasure(child, a_member_of_staff(Role.ADMIN))
    neighbour = browse_as(
        a_member_of_staff(Role.COORDINATOR, area_id=a_county().id), stepped_up=True
    )

    neighbour.post(f"/children/{child.uid}/erase", status=404)
    neighbour.post(f"/rights/{request.uid}/erase", status=404)
    neighbour.post(f"/erasures/{erasure.uid}/carry-out", status=404)

    assert rows("denied", "erasure_asked") == [
        ("denied", "child", child.uid),
        ("denied", "rights_request", request.uid),
        ("denied", "erasure", erasure.uid),
    ]


def test_a_visitor_is_asked_to_sign_in_and_leaves_nothing(visitor: Browser) -> None:
    child = a_child()

    visitor.get(f"/children/{child.uid}", status=302)

    assert rows("denied") == []


def test_a_page_elsewhere_that_is_not_there_is_no_denial(browse_as: BrowseAs) -> None:
    neighbour = a_neighbour(browse_as)

    neighbour.get(f"/volunteers/{MISSING}", status=404)
    neighbour.get("/nowhere", status=404)

    assert rows("denied") == []


def test_a_denial_that_cannot_be_kept_is_not_told_either(
    browse_as: BrowseAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, neighbour = a_child(), a_neighbour(browse_as)

    def busy(*_args: object, **_named: object) -> None:
        raise WriterBusy

    monkeypatch.setattr(denials, "denied", busy)

    neighbour.get(f"/children/{child.uid}", status=503)
    neighbour.get(f"/children/{MISSING}", status=503)


def test_the_time_of_the_answer_tells_nothing(browse_as: BrowseAs) -> None:
    child, neighbour = a_child(), a_neighbour(browse_as)
    times: dict[str, list[float]] = {child.uid: [], MISSING: []}
    for _turn in range(60):
        for uid, found in times.items():
            began = time.perf_counter()
            neighbour.client.get(f"/children/{uid}")
            found.append(time.perf_counter() - began)

    theirs, missing = (statistics.median(found) for found in times.values())
    assert abs(theirs - missing) < 0.25 * missing


def test_a_volunteer_who_has_ended_while_the_page_is_open_finds_nothing(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    visit = a_visit(pairing, state=State.CONFIRMED)
    (leader, leaders_id), *_others = members_of(pairing)
    set_clock(SATURDAY)
    browser = browse_as(leader)
    assert "活动室" in browser.get(f"/visits/{visit.uid}").text

    leave(pairing, leaders_id)

    for path in (f"/visits/{visit.uid}", f"/pairings/{pairing.uid}"):
        page = browser.get(path, status=404)
        assert "活动室" not in page.text
    browser.post(f"/visits/{visit.uid}/check-in", {"code": "246810"}, status=404)
    assert rows("denied") == [
        ("denied", "visit", visit.uid),
        ("denied", "pairing", pairing.uid),
        ("denied", "visit", visit.uid),
    ]
    assert rows("check_in") == []


def leave(pairing: Pairing, volunteer_id: int) -> None:
    with transaction():
        db.session.execute(
            update(TeamMember)
            .where(TeamMember.team_id == pairing.team_id, TeamMember.volunteer_id == volunteer_id)
            .values(left_on=clock.today())
        )
        db.session.execute(
            update(Volunteer).where(Volunteer.id == volunteer_id).values(status=Status.EXITED)
        )


def test_nothing_in_the_audit_is_a_value_of_a_child(browse_as: BrowseAs) -> None:
    child = a_consented_child(care_hint=CANARY, interests=CANARY)
    browser = coordinator_of(child, browse_as)
    browser.get(f"/children/{child.uid}")
    browser.get("/children")
    neighbour = a_neighbour(browse_as)
    neighbour.may_see_children = True  # its own address stands on the page
    neighbour.get(f"/children/{CANARY}", status=404)
    assert rows("denied") == [("denied", "child", "?")]

    kept = db.session.scalar(
        select(func.count()).where(AuditRow.ref.contains(CANARY) | AuditRow.reason.contains(CANARY))
    )
    assert kept == 0
