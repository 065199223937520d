"""The life of a pairing: who else decides, and how it ends."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.models import RoleGrant
from accounts.queries import actor_for
from accounts.rules import Role
from accounts.services import end_grant
from children.models import Child
from children.rules import NeedState, Risk
from core.db import db, transaction
from core.errors import RuleBroken
from pairings import services
from pairings.endings import services as endings
from pairings.endings.rules import Ending, Explained
from pairings.keys import services as keys
from pairings.keys.services import Refusal
from pairings.models import Pairing
from pairings.rules import DeclineReason, EndReason, Stage
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_grant, a_member_of_staff
from tests.builders.proposals import (
    TODAY,
    a_proposal,
    a_supervisor,
    change,
    members,
    proposed,
    somebody,
    state,
    the,
    told,
)
from tests.builders.volunteers import a_team
from volunteers.rules import Status
from volunteers.teams.models import Team

FAR = Refusal(DeclineReason.TOO_FAR, "路太远")


def test_nobody_decides_on_their_own_proposal(child: Child, team: Team, county: Area) -> None:
    by = somebody(Role.COORDINATOR, county.id)
    uid = proposed(child, team, by=by)

    with pytest.raises(RuleBroken, match="自己提出的结对要由另一个人审批"):
        keys.approve(uid, "", by=by)
    with pytest.raises(RuleBroken, match="自己提出的结对要由另一个人审批"):
        keys.decline(uid, FAR, by=by)


@pytest.mark.parametrize("risk", [Risk.LOW, Risk.HIGH])
def test_another_role_makes_nobody_another_person(
    village: Area, team: Team, county: Area, risk: Risk
) -> None:
    """Who proposed as a coordinator may not decide as the safeguarding lead they became."""
    child = a_consented_child(village, risk=risk)
    a_supervisor(child)
    proposer = somebody(Role.COORDINATOR, county.id)
    uid = proposed(child, team, by=proposer)
    for grant in db.session.scalars(
        select(RoleGrant.id).where(RoleGrant.person_id == proposer.id)
    ).all():
        end_grant(grant, by=proposer, reason="转岗")
    for role in (Role.SAFEGUARDING_LEAD, Role.COORDINATOR):
        a_grant(proposer.id or 0, role, area_id=county.id)

        with pytest.raises(RuleBroken, match="自己提出的结对要由另一个人审批"):
            keys.approve(uid, "", by=actor_for(proposer.id or 0))
        with pytest.raises(RuleBroken, match="自己提出的结对要由另一个人审批"):
            keys.decline(uid, FAR, by=actor_for(proposer.id or 0))

    assert the(uid).stage is Stage.PROPOSED


def test_the_database_itself_wants_two_people(child: Child, team: Team, county: Area) -> None:
    one = a_member_of_staff(Role.COORDINATOR, area_id=county.id)

    with pytest.raises(IntegrityError):
        a_pairing(child, team, stage=Stage.APPROVED, proposed_by_id=one, decided_by_id=one)


def test_without_a_supervisor_nothing_is_approved(child: Child, team: Team, county: Area) -> None:
    uid = proposed(child, team)

    with pytest.raises(RuleBroken, match="现在没有儿童督导员"):
        keys.approve(uid, "", by=somebody(Role.COORDINATOR, county.id))

    assert (the(uid).stage, state(child)) == (Stage.PROPOSED, NeedState.OPEN)
    assert told("pairing_approved") == set()


def test_what_has_lapsed_since_the_proposal_is_not_approved(
    child: Child, team: Team, county: Area
) -> None:
    a_supervisor(child)
    uid = proposed(child, team)
    change(members(team)[0], status=Status.SUSPENDED)

    with pytest.raises(RuleBroken, match="至少要 2 人"):
        keys.approve(uid, "", by=somebody(Role.COORDINATOR, county.id))


def test_a_no_needs_its_reason_and_reaches_the_proposer(
    coordinator: Browser, colleague: Browser, child: Child, team: Team
) -> None:
    coordinator.post(f"/board/{child.uid}/propose", a_proposal(team))
    (uid,) = db.session.scalars(select(Pairing.uid))

    page = colleague.post(f"/pairings/{uid}/decide", {"decision": "decline"}, status=422)
    assert page.texts("#note-wrong") == ["错误：不批准请写明理由"]
    assert page.texts("#reason-wrong") == ["错误：不批准请选一个原因"]
    no = {"decision": "decline", "reason": "too_far", "note": "路太远"}
    colleague.post(f"/pairings/{uid}/decide", no)

    pairing = the(uid)
    assert (pairing.stage, pairing.decision_note) == (Stage.DECLINED, "路太远")
    assert pairing.decline_reason is DeclineReason.TOO_FAR
    assert state(child) is NeedState.OPEN
    assert told("pairing_declined") == {pairing.proposed_by_id}
    assert "路太远" in coordinator.get(f"/pairings/{uid}").text
    with pytest.raises(RuleBroken, match="被否决过"):
        proposed(child, team)


def test_what_is_decided_stays_decided(
    colleague: Browser, child: Child, team: Team, county: Area
) -> None:
    uid = proposed(child, team)
    keys.decline(uid, FAR, by=somebody(Role.COORDINATOR, county.id))

    page = colleague.post(f"/pairings/{uid}/decide", {"decision": "approve"}, status=422)

    assert any("审批过了" in error or "督导员" in error for error in page.errors)
    assert the(uid).stage is Stage.DECLINED


@pytest.mark.parametrize("decision", ["", "maybe"])
def test_a_decision_is_a_yes_or_a_no(
    colleague: Browser, child: Child, team: Team, decision: str
) -> None:
    uid = proposed(child, team)

    page = colleague.post(f"/pairings/{uid}/decide", {"decision": decision}, status=422)

    assert page.errors
    assert the(uid).stage is Stage.PROPOSED


def test_a_pairing_ends_with_a_reason_and_the_child_waits_again(
    coordinator: Browser, child: Child, team: Team
) -> None:
    change(child, state=NeedState.MATCHED)
    pairing = a_pairing(child, team, stage=Stage.ENDING, goodbye_on=TODAY)
    page = coordinator.get(f"/pairings/{pairing.uid}")

    coordinator.post(
        f"/pairings/{pairing.uid}/end",
        page.form("/end")
        | {"reason": "team_left", "note": "已告别", "handover": "喜欢画画"}
        | {"explained_missing": "孩子太小，听不懂"},
    )

    ended = the(pairing.uid)
    assert (ended.stage, ended.end_reason) == (Stage.ENDED, EndReason.TEAM_LEFT)
    assert ended.ended_at is not None
    assert state(child) is NeedState.OPEN
    assert told("pairing_ended") == {member.person_id for member in members(team)}
    assert db.session.scalars(select(Child.open_since).where(Child.id == child.id)).one() == TODAY


def test_a_need_can_be_met(child: Child, team: Team, county: Area) -> None:
    change(child, state=NeedState.MATCHED)
    pairing = a_pairing(child, team, stage=Stage.ENDING, goodbye_on=TODAY)
    by = somebody(Role.SAFEGUARDING_LEAD, county.id)
    met = Ending(
        EndReason.TERM_OVER,
        need_met=True,
        handover="没有要交接的",
        explained=Explained(missing="还不会说话"),
    )

    endings.end(pairing.uid, met, by=by)

    assert state(child) is NeedState.MET
    with pytest.raises(RuleBroken, match="已经结束了"):
        endings.end(pairing.uid, Ending(EndReason.TERM_OVER), by=by)


def test_a_team_that_parted_well_is_known_and_one_that_did_not_is_not_offered(
    child: Child, county: Area
) -> None:
    well, badly = a_team(county), a_team(county)
    a_pairing(child, well, stage=Stage.ENDED, end_reason=EndReason.TERM_OVER)
    a_pairing(child, badly, stage=Stage.ENDED, end_reason=EndReason.CHILD_SAYS_NO)

    with pytest.raises(RuleBroken, match="不合适的结束"):
        proposed(child, badly)
    assert "points:continuity:150" in the(proposed(child, well)).reasons


def test_safeguarding_ends_it_for_good(child: Child, team: Team, county: Area) -> None:
    change(child, state=NeedState.MATCHED)
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)

    endings.end(
        pairing.uid, Ending(EndReason.SAFEGUARDING), by=somebody(Role.COORDINATOR, county.id)
    )

    assert the(pairing.uid).stage is Stage.TERMINATED_SAFEGUARDING


def test_a_proposal_is_taken_back_by_who_made_it_only(
    coordinator: Browser, colleague: Browser, child: Child, team: Team
) -> None:
    coordinator.post(f"/board/{child.uid}/propose", a_proposal(team))
    (uid,) = db.session.scalars(select(Pairing.uid))
    end = {"reason": "other", "note": "选错了"}

    refused = colleague.post(f"/pairings/{uid}/end", end, status=422)
    assert "别人提出的结对请批准或不批准" in refused.errors
    coordinator.post(f"/pairings/{uid}/end", end)

    assert the(uid).stage is Stage.ENDED
    assert state(child) is NeedState.OPEN
    assert told("pairing_ended") == set()


@pytest.mark.parametrize(
    "given", [{"reason": ""}, {"reason": "consent_withdrawn"}, {"note": ""}, {"note": "1" * 201}]
)
def test_an_ending_says_why(
    coordinator: Browser, child: Child, team: Team, given: dict[str, str]
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    sent = {"reason": "safeguarding", "note": "出事了"} | given

    page = coordinator.post(f"/pairings/{pairing.uid}/end", sent, status=422)

    assert page.errors
    assert the(pairing.uid).stage is Stage.ACTIVE


def test_everything_of_a_child_ends_whatever_its_state(child: Child, county: Area) -> None:
    by = somebody(Role.COORDINATOR, county.id)
    pairing = a_pairing(child, a_team(county), stage=Stage.PAUSED)
    change(child, state=NeedState.AGED_OUT)

    with transaction():
        ended = services.end_for_child(child.id, EndReason.CONSENT_WITHDRAWN, by)
        again = services.end_for_child(child.id, EndReason.CONSENT_WITHDRAWN, by)

    assert (ended, again) == ([pairing.id], [])
    assert state(child) is NeedState.AGED_OUT


def test_a_child_that_no_longer_waits_is_not_approved(
    child: Child, team: Team, county: Area
) -> None:
    a_supervisor(child)
    uid = proposed(child, team)
    change(child, state=NeedState.WITHDRAWN)

    with pytest.raises(RuleBroken, match="现在不在等待结对"):
        keys.approve(uid, "", by=somebody(Role.COORDINATOR, county.id))
