"""Two keys, and for high risk the city's besides; a no has a reason and stays a no."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from children.rules import NeedState, Risk
from core import clock
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from pairings.keys import services as keys
from pairings.keys.services import Refusal
from pairings.models import Pairing
from pairings.rules import EDGES, DeclineReason, EndReason, Stage, may_go
from pairings.steps.models import PairingStep
from places.models import Area
from tests.browser import Browser
from tests.builders.children import a_consented_child
from tests.builders.keys import a_city_lead, approved
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.proposals import (
    a_supervisor,
    aliases,
    change,
    members,
    proposed,
    somebody,
    state,
    the,
    told,
)
from tests.builders.volunteers import a_team, an_active_volunteer
from tests.conftest import NOON, BrowseAs, SetClock
from volunteers.teams.models import Team

FAR = Refusal(DeclineReason.TOO_FAR, "路太远")


@pytest.fixture
def risky(village: Area) -> Child:
    child = a_consented_child(village, risk=Risk.HIGH)
    a_supervisor(child)
    return child


def steps(uid: str) -> list[tuple[Stage | None, Stage, int | None, str]]:
    rows = db.session.scalars(
        select(PairingStep).where(PairingStep.pairing_id == the(uid).id).order_by(PairingStep.id)
    )
    return [(row.since, row.stage, row.by_id, row.reason) for row in rows]


def test_high_risk_takes_the_county_and_then_the_city(risky: Child, team: Team) -> None:
    proposer = somebody(Role.COORDINATOR, risky.county_id)
    uid = proposed(risky, team, by=proposer)
    county, city = somebody(Role.COORDINATOR, risky.county_id), a_city_lead(the(uid))

    with pytest.raises(RuleBroken, match="先由县里审批"):
        keys.approve(uid, "", by=city)
    keys.approve(uid, "县里同意", by=county)
    assert (the(uid).stage, state(risky)) == (Stage.UNDER_REVIEW, NeedState.OPEN)
    assert told("pairing_city") == {city.id}
    other = somebody(Role.SAFEGUARDING_LEAD, risky.county_id)
    for by in (county, other):
        with pytest.raises(RuleBroken, match="还要市级未保专员审批"):
            keys.approve(uid, "", by=by)
    keys.approve(uid, "市里同意", by=city)

    pairing = the(uid)
    assert (pairing.stage, state(risky)) == (Stage.APPROVED, NeedState.MATCHED)
    assert (pairing.decided_by_id, pairing.city_by_id) == (county.id, city.id)
    assert steps(uid) == [
        (None, Stage.PROPOSED, proposer.id, ""),
        (Stage.PROPOSED, Stage.UNDER_REVIEW, county.id, "县里同意"),
        (Stage.UNDER_REVIEW, Stage.APPROVED, city.id, "市里同意"),
    ]


def test_nobody_turns_two_keys(risky: Child, team: Team, county: Area) -> None:
    """A coordinator who becomes the city's lead has turned the county's key and no other."""
    uid = proposed(risky, team)
    by = somebody(Role.COORDINATOR, county.id)
    keys.approve(uid, "", by=by)
    lead = a_city_lead(the(uid))
    with transaction() as session:
        session.execute(update(Pairing).where(Pairing.uid == uid).values(decided_by_id=lead.id))

    with pytest.raises(RuleBroken, match="要由另一个人来做"):
        keys.approve(uid, "", by=lead)


def test_the_city_may_decline_what_the_county_approved(risky: Child, team: Team) -> None:
    uid = proposed(risky, team)
    county = somebody(Role.COORDINATOR, risky.county_id)
    keys.approve(uid, "", by=county)

    keys.decline(uid, FAR, by=a_city_lead(the(uid)))

    pairing = the(uid)
    assert (pairing.stage, pairing.decided_by_id) == (Stage.DECLINED, county.id)
    assert state(risky) is NeedState.OPEN


def test_a_child_that_comes_to_be_at_high_risk_waits_for_the_city(child: Child, team: Team) -> None:
    uid = approved(child, team)
    change(child, risk=Risk.HIGH)
    lead = a_city_lead(the(uid))
    with pytest.raises(NotYours):
        keys.turn_late(uid, by=somebody(Role.SAFEGUARDING_LEAD, child.county_id))

    keys.turn_late(uid, by=lead)

    assert (the(uid).high_risk, the(uid).city_by_id) == (True, lead.id)
    with pytest.raises(RuleBroken, match="不缺市级"):
        keys.turn_late(uid, by=a_city_lead(the(uid)))


def test_the_page_tells_each_what_comes_next(
    browse_as: BrowseAs, coordinator: Browser, risky: Child, team: Team, county: Area
) -> None:
    uid = proposed(risky, team)
    lead = browse_as(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=county.parent_id))
    lead.may_see_children = True

    assert "请您审批" in coordinator.get(f"/pairings/{uid}").text
    assert "等县里的另一位同事审批" in lead.get(f"/pairings/{uid}").text
    coordinator.post(f"/pairings/{uid}/decide", {"decision": "approve"})
    page = lead.get(f"/pairings/{uid}")
    assert "县里已批准，请您作市级审批" in page.text
    assert lead.get("/home").links("/pairings?tab=decide")
    lead.post(f"/pairings/{uid}/decide", page.form("decide") | {"decision": "approve"})
    assert the(uid).stage is Stage.APPROVED


HELD: dict[str, dict[str, object]] = {
    "two people": {"stage": Stage.APPROVED, "proposed_by_id": "decided_by_id"},
    "a decider": {"stage": Stage.APPROVED, "decided_by_id": None},
    "the city's key": {"stage": Stage.APPROVED, "high_risk": True},
    "three people": {"stage": Stage.APPROVED, "city_by_id": "decided_by_id"},
    "the guardian's yes": {"stage": Stage.ACTIVE, "guardian_yes_on": None},
    "the child's yes": {"stage": Stage.ACTIVE, "child_yes_on": None},
    "a signed agreement": {"stage": Stage.ACTIVE, "agreed_on": None},
    "a version": {"stage": Stage.SCHEDULED_INTRO, "agreement_version": ""},
    "a first visit": {"stage": Stage.ACTIVE, "introduced_on": None},
    "a reason for the end": {"stage": Stage.ENDED, "end_reason": None},
    "the time of the end": {"stage": Stage.ENDED, "ended_at": None},
    "no end before the end": {"stage": Stage.ACTIVE, "ended_at": NOON},
    "a reason for the no": {"stage": Stage.DECLINED, "decline_reason": None},
    "a goodbye": {"stage": Stage.ENDED, "introduced_on": NOON.date(), "handover": "x"},
    "a handover": {"stage": Stage.ENDED, "introduced_on": NOON.date(), "goodbye_missing": "x"},
    "days in order": {"stage": Stage.ACTIVE, "ends_on": NOON.date() - timedelta(days=40)},
    "moments in order": {"stage": Stage.APPROVED, "decided_at": NOON - timedelta(days=40)},
    "a new last day": {"stage": Stage.RENEWING, "renew_until": None},
}


@pytest.mark.parametrize("missing", HELD)
def test_the_database_itself_holds_a_pairing_to(child: Child, team: Team, missing: str) -> None:
    given = HELD[missing].copy()
    if "decided_by_id" in given.values():
        person = a_member_of_staff(Role.COORDINATOR, area_id=child.county_id)
        column = next(name for name, value in given.items() if value == "decided_by_id")
        given |= {column: person, "decided_by_id": person}
        given |= {"city_at": clock.now()} if column == "city_by_id" else {}

    with pytest.raises(IntegrityError):
        a_pairing(child, team, **given)


def test_what_the_guards_ask_for_is_enough(village: Area, team: Team) -> None:
    for stage in Stage:
        a_pairing(a_consented_child(village), team, stage=stage)


def test_every_edge_leads_somewhere_and_no_stage_is_lost() -> None:
    reached = {to for ways in EDGES.values() for to in ways}
    assert set(EDGES) == set(Stage)
    assert reached == set(Stage)
    assert not may_go(Stage.PROPOSED, Stage.ACTIVE)
    assert not any(may_go(Stage.TERMINATED_SAFEGUARDING, to) for to in Stage)


# -- a no stays a no


def test_the_same_two_people_in_another_team_are_the_same_pair(
    coordinator: Browser, child: Child, team: Team, county: Area
) -> None:
    keys.decline(proposed(child, team), FAR, by=somebody(Role.COORDINATOR, county.id))
    again = a_team(county, members=members(team))
    one_of_them = a_team(county, members=[members(team)[0], an_active_volunteer(county)])

    with pytest.raises(RuleBroken, match="被否决过"):
        proposed(child, again)
    page = coordinator.get(f"/board/{child.uid}")
    offered = page.texts("form .cand")
    assert not any(again.name in text or team.name in text for text in offered)
    assert proposed(child, one_of_them)


@pytest.mark.parametrize("reason", [DeclineReason.RELATED, DeclineReason.SAFETY])
def test_a_no_about_one_person_is_held_against_every_team_of_theirs(
    child: Child, team: Team, county: Area, reason: DeclineReason
) -> None:
    no = Refusal(reason, "不合适")
    keys.decline(proposed(child, team), no, by=somebody(Role.COORDINATOR, county.id))

    with pytest.raises(RuleBroken, match=r"被否决过|有亲属或利害关系"):
        proposed(child, a_team(county, members=[members(team)[0], an_active_volunteer(county)]))


def test_a_decline_needs_a_reason_of_the_list(child: Child, team: Team, county: Area) -> None:
    uid = proposed(child, team)

    with pytest.raises(RuleBroken, match="在征求意见时登记"):
        keys.decline(
            uid,
            Refusal(DeclineReason.CHILD_SAYS_NO, "x"),
            by=somebody(Role.COORDINATOR, county.id),
        )


def test_whoever_said_no_may_take_it_back_for_a_day(
    colleague: Browser, coordinator: Browser, child: Child, team: Team, set_clock: SetClock
) -> None:
    uid = proposed(child, team)
    no = {"decision": "decline", "reason": "too_far", "note": "路太远"}
    page = colleague.post(f"/pairings/{uid}/decide", no)
    (undo,) = page.links("/steps/take-back")
    assert not coordinator.get(f"/pairings/{uid}").links("/steps/take-back")
    refused = coordinator.post(undo, {}, status=422)
    assert "只有本人在期限内可以改回来" in refused.errors

    colleague.post(undo, colleague.get(undo).form("take-back"))
    pairing = the(uid)
    assert (pairing.stage, pairing.decline_reason, pairing.decided_by_id) == (
        Stage.PROPOSED,
        None,
        None,
    )
    colleague.post(f"/pairings/{uid}/decide", no)
    by = actor_for(the(uid).decided_by_id or 0)
    set_clock(NOON + timedelta(hours=25))
    with pytest.raises(RuleBroken, match="只有本人在期限内"):
        keys.take_back(uid, by=by)


def test_a_no_is_not_taken_back_over_somebody_elses_proposal(
    child: Child, team: Team, county: Area
) -> None:
    by = somebody(Role.COORDINATOR, county.id)
    uid = proposed(child, team)
    keys.decline(uid, FAR, by=by)
    proposed(child, a_team(county))

    with pytest.raises(RuleBroken, match="已有人为这个孩子提出结对"):
        keys.take_back(uid, by=by)


# -- a child is left in peace


def test_a_child_rests_after_an_end_unless_somebody_it_knows_goes_on(
    coordinator: Browser, child: Child, county: Area, set_clock: SetClock
) -> None:
    before, other = a_team(county), a_team(county)
    a_pairing(
        child,
        before,
        stage=Stage.ENDED,
        end_reason=EndReason.TEAM_LEFT,
        introduced_on=NOON.date(),
        goodbye_on=NOON.date(),
        handover="好",
    )
    goes_on = a_team(county, members=[members(before)[0], an_active_volunteer(county)])

    with pytest.raises(RuleBroken, match="让孩子歇一歇"):
        proposed(child, other)
    page = coordinator.get(f"/board/{child.uid}")
    assert not any(other.name in text for text in page.texts("form .cand"))
    assert any(goes_on.name in text for text in page.texts("form .cand"))
    set_clock(NOON + timedelta(days=15))
    assert proposed(child, other)


def test_what_never_began_makes_nobody_wait(child: Child, county: Area) -> None:
    a_pairing(child, a_team(county), stage=Stage.ENDED, end_reason=EndReason.TEAM_LEFT)

    assert proposed(child, a_team(county))


def test_a_declined_child_waits_on_the_board_again(
    coordinator: Browser, child: Child, team: Team, county: Area
) -> None:
    uid = proposed(child, team)
    assert aliases(coordinator.get("/board")) == []
    keys.decline(uid, FAR, by=somebody(Role.COORDINATOR, county.id))
    assert aliases(coordinator.get("/board")) == [child.alias]
