"""Erasing takes two people, leaves a number and a day, and waits while the law keeps the file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from accounts.models import Passkey, Person, RecoveryCode, SignInSession
from accounts.queries import actor_for
from accounts.rules import SITE, Actor, Role
from accounts.services import Office, grant
from accounts.unsent.models import UnsentForm
from campaigns.signups.models import SignUp
from children.consents.models import Consent
from children.models import Child, ChildFreeTime
from children.rules import NeedState, Purpose
from children.sealed.models import ErasedKey
from children.sealed.rules import SealedField
from children.sealed.services import opened
from core import clock
from core.audit import AuditRow
from core.db import Base, db, transaction
from core.errors import NotYours, RuleBroken
from pairings.rules import Stage
from pairings.steps.models import PairingStep
from rights.erasures import services
from rights.erasures.models import Erasure
from rights.erasures.rules import Why
from rights.requests.models import RightsRequest
from rights.requests.rules import RequestKind, State
from tests.browser import Browser
from tests.builders.access import a_grant_to_look
from tests.builders.campaigns import a_sign_up, a_slot
from tests.builders.children import a_child, a_consented_child
from tests.builders.pairings import a_pairing, a_signed
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_village
from tests.builders.rights import a_request, an_erasure
from tests.builders.sealed import a_sealed_part
from tests.builders.series import a_lapse_step, a_series
from tests.builders.visits import a_record, a_visit
from tests.builders.volunteers import a_team, a_volunteer, an_evidence, an_hour_entry
from tests.conftest import BrowseAs
from tests.factories import CANARY, saved
from tests.races import ENGINES, at_once, site_on
from visits.lapses.ladder.models import LapseStep
from visits.rules import State as VisitState
from volunteers.hours.models import HourEntry
from volunteers.models import Evidence, Volunteer
from volunteers.rules import EvidenceKind, Status

TODAY = date(2026, 11, 24)


@pytest.fixture
def child(app: Flask) -> Child:
    """A child whose pairing is over and whose every text carries the canary."""
    return an_ended_child()


def an_ended_child() -> Child:
    village = a_village()
    child = a_consented_child(
        village,
        state=NeedState.MET,
        interests=CANARY,
        care_hint=CANARY,
        sent_back_note=CANARY,
    )
    team = a_team(None)
    pairing = a_pairing(
        child,
        team,
        stage=Stage.ENDED,
        note=CANARY,
        decision_note=CANARY,
        goodbye_missing=CANARY,
        handover=CANARY,
    )
    a_signed(pairing)
    with transaction() as session:
        session.execute(update(PairingStep).values(reason=CANARY))
    visit = a_visit(pairing, place_text=CANARY, state=VisitState.APPROVED)
    a_series(pairing, place_text=CANARY)
    a_lapse_step(pairing)
    a_record(visit, visit_member(visit.id), did=CANARY, need_changes=CANARY, parcel=CANARY)
    return child


def visit_member(visit_id: int) -> int:
    return a_member_of_staff(Role.CHILD_DIRECTOR, area_id=a_village().id, name=f"样例{visit_id}")


def coordinator_of(child: Child) -> int:
    return a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)


def everything_stored() -> str:
    """Return every text of every table but those of people's own words about themselves."""
    texts = []
    for table in Base.metadata.sorted_tables:
        rows = db.session.execute(select(table)).all()
        texts += [str(tuple(row)) for row in rows]
    return "\n".join(texts)


def stepped_up_of(child: Child, browse_as: BrowseAs) -> Browser:
    return browse_as(coordinator_of(child), stepped_up=True)


def ask(child: Child, by: int) -> str:
    return services.ask_for_child(child.uid, Why.TERM_OVER, by=actor_for(by))


def test_one_asks_and_another_erases(child: Child, browse_as: BrowseAs) -> None:
    alias = child.alias
    asking, erasing = (browse_as(coordinator_of(child), stepped_up=True) for _turn in range(2))
    a_request(child, said=CANARY, state=State.DONE, outcome=CANARY)
    a_grant_to_look(child, coordinator_of(child), note=CANARY, decision_note=CANARY)
    asking.post(f"/children/{child.uid}/erase")
    uid = db.session.scalars(select(Erasure.uid)).one()

    page = erasing.post(f"/erasures/{uid}/carry-out")

    assert "已删除" in page.notices[0]
    db.session.expire_all()
    assert child.erased_on == TODAY
    assert (child.needs, child.interests, child.care_hint) == ([], "", "")
    stored = everything_stored()
    assert CANARY not in stored
    assert alias not in stored
    for gone in (ChildFreeTime, LapseStep):
        assert db.session.scalar(select(func.count()).select_from(gone)) == 0
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "child_erased")).one()
    assert (row.ref, row.fields, row.reason) == (child.uid, [], "")


def test_that_consent_was_given_stays(child: Child) -> None:
    uid = ask(child, coordinator_of(child))

    services.carry_out(uid, by=actor_for(coordinator_of(child)))

    purposes = set(db.session.scalars(select(Consent.purpose)))
    assert purposes == {Purpose.PAIRING, Purpose.SHARE_WITH_ORG, Purpose.ASSENT}


def test_whoever_asks_does_not_erase(child: Child, browse_as: BrowseAs) -> None:
    person_id = coordinator_of(child)
    browser = browse_as(person_id, stepped_up=True)
    uid = ask(child, person_id)

    assert "您提出的" in browser.get("/erasures").text
    page = browser.post(f"/erasures/{uid}/carry-out", status=409)

    assert "要由另一个人执行" in page.text
    db.session.expire_all()
    assert child.erased_on is None


def test_the_database_itself_asks_for_two_people(child: Child) -> None:
    person_id = coordinator_of(child)
    with pytest.raises(Exception, match="two_people"):
        an_erasure(child, person_id, carried_out_by_id=person_id)


def test_the_sealed_fields_go_with_the_rest(child: Child) -> None:
    a_sealed_part(child)
    uid, by = ask(child, coordinator_of(child)), actor_for(coordinator_of(child))
    assert opened(child.id, list(SealedField))

    services.carry_out(uid, by=by)

    assert opened(child.id, list(SealedField)) == {}
    assert db.session.scalar(select(func.count()).select_from(ErasedKey)) == 1


def test_an_erasure_that_fails_has_destroyed_nothing(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sealed_part(child)
    uid, by = ask(child, coordinator_of(child)), actor_for(coordinator_of(child))

    def fails(*_given: object, **_more: object) -> None:
        raise RuleBroken("stop")

    monkeypatch.setattr("rights.erasures.services.children.sealed.services.erase", fails)
    with pytest.raises(RuleBroken):
        services.carry_out(uid, by=by)

    db.session.expire_all()
    assert child.erased_on is None
    assert opened(child.id, list(SealedField))


def test_a_child_that_is_accompanied_is_not_erased(app: Flask) -> None:
    child = a_consented_child(a_village(), state=NeedState.MATCHED)
    a_pairing(child, stage=Stage.ACTIVE)
    uid = ask(child, coordinator_of(child))

    with pytest.raises(RuleBroken, match="先结束结对"):
        services.carry_out(uid, by=actor_for(coordinator_of(child)))

    assert db.session.scalars(select(Erasure.carried_out_at)).one() is None


def test_what_the_law_keeps_is_not_erased(child: Child, browse_as: BrowseAs) -> None:
    uid, second = ask(child, coordinator_of(child)), coordinator_of(child)
    officer = browse_as(a_member_of_staff(Role.DPO, area_id=child.county_id))
    officer.post(f"/erasures/{uid}/hold", {"reason": "案件还在办理", "until": ""})

    page = browse_as(second, stepped_up=True).post(f"/erasures/{uid}/carry-out", status=409)
    assert "依法暂不删除" in page.text

    officer.post(f"/erasures/{uid}/hold", {"reason": "", "until": ""})
    browse_as(second, stepped_up=True).post(f"/erasures/{uid}/carry-out")
    db.session.expire_all()
    assert child.erased_on == TODAY


def test_a_hold_does_not_go_with_the_erasure_it_stands_on(child: Child) -> None:
    """Taken back and asked for anew, the erasure would stand there without its hold."""
    first, second = (actor_for(coordinator_of(child)) for _turn in range(2))
    officer = actor_for(a_member_of_staff(Role.DPO, area_id=child.county_id))
    uid = services.ask_for_child(child.uid, Why.TERM_OVER, by=first)
    services.hold(uid, "案件还在办理", date(2027, 3, 1), by=officer)

    elsewhere = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
    grant(elsewhere, Office(Role.DPO, a_village().id), by=SITE)
    for coordinator in (first, second, actor_for(elsewhere)):
        with pytest.raises(RuleBroken, match="依法暂不删除"):
            services.call_off(uid, by=coordinator)
    services.call_off(uid, by=officer)
    assert db.session.scalars(select(Erasure.called_off_by_id)).one() == officer.id


def test_an_erasure_taken_back_erases_nothing(child: Child, browse_as: BrowseAs) -> None:
    uid, browser = ask(child, coordinator_of(child)), stepped_up_of(child, browse_as)

    browser.post(f"/erasures/{uid}/call-off")

    browser.post(f"/erasures/{uid}/carry-out", status=409)
    assert ask(child, coordinator_of(child)) != uid


def test_a_second_wish_to_erase_waits_for_the_first(child: Child) -> None:
    ask(child, coordinator_of(child))

    with pytest.raises(RuleBroken, match="已经有人提出"):
        ask(child, coordinator_of(child))


def test_another_countys_erasure_is_not_there(child: Child, browse_as: BrowseAs) -> None:
    uid = ask(child, coordinator_of(child))
    neighbour = a_child(a_village())
    browser = stepped_up_of(neighbour, browse_as)

    browser.post(f"/erasures/{uid}/carry-out", status=404)
    with pytest.raises(NotYours):
        ask(child, coordinator_of(neighbour))


def test_an_erased_file_is_a_shell(child: Child, browse_as: BrowseAs) -> None:
    uid = ask(child, coordinator_of(child))
    services.carry_out(uid, by=actor_for(coordinator_of(child)))
    browser = browse_as(coordinator_of(child))

    assert browser.get(f"/children/{child.uid}").heading == "已删除的档案"
    browser.post(f"/children/{child.uid}/open", {"version": str(child.version)}, status=404)
    browser.post(f"/children/{child.uid}/erase", status=404)


def test_a_request_to_delete_ends_with_the_erasure(child: Child, browse_as: BrowseAs) -> None:
    request = a_request(child, kind=RequestKind.DELETE)
    asking, erasing = (browse_as(coordinator_of(child), stepped_up=True) for _turn in range(2))
    for browser in (asking, erasing):
        browser.may_see_children = True
    asking.post(f"/rights/{request.uid}/end/done", {"outcome": "删了"}, status=422)
    asking.post(f"/rights/{request.uid}/erase")
    asking.post(f"/rights/{request.uid}/erase", status=409)
    uid = db.session.scalars(select(Erasure.uid)).one()

    erasing.post(f"/erasures/{uid}/carry-out")

    db.session.expire_all()
    assert db.session.scalars(select(RightsRequest.state)).one() is State.DONE


@pytest.fixture
def leaver(app: Flask) -> Volunteer:
    volunteer = a_volunteer(
        status=Status.EXITED, name="样例离开", phone="15400001234", org_text="示例学院"
    )
    an_evidence(volunteer, EvidenceKind.SCREENING)
    an_hour_entry(volunteer)
    person_id = volunteer.person_id
    a_sign_up(a_slot(), phone="15400001234", name="样例离开", person_id=person_id)
    return volunteer


def erase_volunteer(volunteer: Volunteer) -> None:
    """Ask and carry out as two coordinators of the volunteer's county."""
    request = a_request(volunteer_id=volunteer.id, kind=RequestKind.DELETE)
    first, second = (
        actor_for(a_member_of_staff(Role.COORDINATOR, area_id=volunteer.county_id))
        for _turn in range(2)
    )
    uid = services.ask_for_request(request.uid, by=first)
    services.carry_out(uid, by=second)


def test_a_volunteer_who_left_is_forgotten(leaver: Volunteer, browse_as: BrowseAs) -> None:
    browser = browse_as(leaver.person_id)
    whose = {"person_id": leaver.person_id, "created_at": clock.now()}
    saved(RecoveryCode(code_hash="h" * 64, **whose))
    saved(Passkey(credential_id="c", public_key="k", sign_count=1, agent="样例浏览器", **whose))
    saved(UnsentForm(person_id=leaver.person_id, path="/me", fields="密封"))
    with transaction() as session:
        session.execute(update(Person).values(totp="密封"))

    erase_volunteer(leaver)

    stored = everything_stored()
    assert "样例离开" not in stored
    assert "15400001234" not in stored
    assert "示例学院" not in stored
    browser.get("/my-data", status=302)
    person = db.session.get_one(Person, leaver.person_id)
    assert person.disabled_at is not None
    assert person.totp is None
    for kept in (RecoveryCode, Passkey, UnsentForm):
        assert db.session.scalar(select(func.count()).select_from(kept)) == 0
    assert db.session.scalar(select(func.count()).select_from(SignInSession)) == 0
    assert db.session.scalars(select(SignUp.name)).all() == ["×"]


def test_what_the_law_asks_to_keep_of_a_volunteer_stays(leaver: Volunteer) -> None:
    erase_volunteer(leaver)

    assert db.session.scalar(select(func.count()).select_from(Evidence)) == 1
    assert db.session.scalars(select(HourEntry.minutes)).all() == [90]
    db.session.expire_all()
    assert leaver.number.startswith("TX")


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.SUSPENDED, Status.BARRED])
def test_whoever_serves_or_is_barred_is_not_forgotten(app: Flask, status: Status) -> None:
    volunteer = a_volunteer(status=status)

    with pytest.raises(RuleBroken, match="先办理退出"):
        erase_volunteer(volunteer)


@pytest.fixture(params=ENGINES)
def raced(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_two_who_press_at_once_erase_once(raced: Flask) -> None:
    child = an_ended_child()
    uid = ask(child, coordinator_of(child))
    actors = [actor_for(coordinator_of(child)) for _turn in range(4)]

    def press(by: Actor) -> Any:
        return lambda: services.carry_out(uid, by=by)

    refused = at_once(raced, *(press(by) for by in actors))

    assert sum(one is None for one in refused) == 1
    asked = select(func.count()).where(AuditRow.action == "child_erased")
    assert db.session.scalar(asked) == 1


def test_nothing_that_lies_at_a_child_is_overlooked() -> None:
    """Whoever adds a table about children decides here what an erasure leaves of it."""
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "children"
    }
    emptied = {"child_free_times", "children_sealed", "consents", "guardian_links", "pairings"}
    emptied |= {"pairing_answers", "agreement_signatures", "visit_holds"}
    emptied |= {"pairing_explanations", "pairing_voices", "pairing_voice_tasks", "pairing_letters"}
    emptied |= {"match_proposals", "match_waitings", "match_refusals"}
    tombstones = {"erasures", "rights_requests", "access_grants", "reveals", "decoy_children"}
    tombstones |= {"story_children"}
    assert about == emptied | tombstones
