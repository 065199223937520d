"""What changes between two steps of a pairing: people leave, risks rise, answers come late."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from children.rules import Risk
from core.audit import AuditRow
from core.db import db
from core.errors import RuleBroken
from messages.models import Message
from pairings.agreements.rules import Party
from pairings.agreements.services import settle, sign_own
from pairings.answers.rules import Whose
from pairings.desk.queries import numbers
from pairings.endings import services as endings
from pairings.endings.services import Parting
from pairings.intro.services import took_place
from pairings.keys import services as keys
from pairings.keys.services import Refusal
from pairings.queries import Tab
from pairings.rules import DeclineReason, EndReason, Stage
from places.models import Area
from tests.builders.keys import agreed, approved, both_say_yes, says, signs
from tests.builders.pairings import a_pairing
from tests.builders.proposals import change, proposed, somebody, the
from tests.builders.visits import a_plan, members_of
from tests.builders.volunteers import a_member, an_active_volunteer
from tests.conftest import NOON, BrowseAs
from visits import services as visits
from volunteers.teams.models import Team
from volunteers.teams.services import leave_all

NO = Refusal(DeclineReason.TIMES, "时间对不上")


def messages(kind: str) -> int:
    return db.session.scalar(select(func.count()).where(Message.kind == kind)) or 0


@pytest.mark.parametrize(("hours", "parted"), [(-1, False), (1, True)])
def test_a_visit_of_before_the_ending_began_is_no_goodbye(
    child: Child, team: Team, hours: int, parted: bool
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    by = somebody(Role.COORDINATOR, child.county_id)
    endings.begin_ending(pairing.uid, Parting(EndReason.OTHER, "要走"), by=by)

    took_place(pairing.id, NOON + timedelta(hours=hours), introduced=True, by=by)

    db.session.expire_all()
    assert (the(pairing.uid).goodbye_on is not None) is parted
    noted = select(AuditRow.id).where(AuditRow.action == "pairing_goodbye")
    assert (db.session.scalar(noted) is not None) is parted


def test_whoever_has_not_signed_and_leaves_holds_nobody_up(child: Child, team: Team) -> None:
    third = a_member(team, an_active_volunteer(db.session.get_one(Area, team.county_id)))
    uid = approved(child, team)
    both_say_yes(uid)
    signs(uid, but=Party.VOLUNTEER)
    assert settle() == 0
    for person in members_of(the(uid)):
        if person[1] != third.volunteer_id:
            sign_own(uid, by=actor_for(person[0]))
    assert the(uid).agreed_on is None

    leave_all(third.volunteer_id, by=somebody(Role.COORDINATOR, team.county_id))
    visits.sweep()

    db.session.expire_all()
    assert the(uid).agreed_on is not None


def test_whoever_joins_signs_before_the_first_visit_is_planned(child: Child, team: Team) -> None:
    uid = agreed(child, team)
    a_member(team, an_active_volunteer(db.session.get_one(Area, team.county_id)))
    leader = actor_for(members_of(the(uid))[0][0])

    with pytest.raises(RuleBroken, match="还没有签协议"):
        visits.plan_visit(uid, a_plan(the(uid)), by=leader)

    assert the(uid).stage is Stage.CONSENT_PENDING


def test_a_risk_that_rises_before_the_first_visit_asks_for_the_city(
    child: Child, team: Team
) -> None:
    uid = agreed(child, team)
    leader = actor_for(members_of(the(uid))[0][0])
    change(child, risk=Risk.HIGH)

    with pytest.raises(RuleBroken, match="市级"):
        visits.plan_visit(uid, a_plan(the(uid)), by=leader)


def test_a_second_no_is_told_as_well(child: Child, team: Team) -> None:
    uid, by = proposed(child, team), somebody(Role.COORDINATOR, child.county_id)
    keys.decline(uid, NO, by=by)
    once = messages("pairing_declined")
    keys.take_back(uid, by=by)
    keys.decline(uid, NO, by=by)

    assert messages("pairing_declined") == 2 * once > 0


def test_a_second_ending_is_told_as_well(child: Child, team: Team) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    by = somebody(Role.COORDINATOR, child.county_id)
    endings.begin_ending(pairing.uid, Parting(EndReason.OTHER, "要走"), by=by)
    once = messages("pairing_ending")
    endings.go_on(pairing.uid, by=by)
    endings.begin_ending(pairing.uid, Parting(EndReason.OTHER, "要走"), by=by)

    assert messages("pairing_ending") == 2 * once > 0


def test_a_no_takes_back_the_yes_of_before(child: Child, team: Team) -> None:
    uid = approved(child, team)
    both_say_yes(uid)
    says(uid, Whose.CHILD, yes=False)

    pairing = the(uid)
    assert pairing.guardian_yes_on is not None
    assert pairing.child_yes_on is None


def test_a_no_is_not_taken_back_for_a_file_that_is_closed(child: Child, team: Team) -> None:
    uid, by = proposed(child, team), somebody(Role.COORDINATOR, child.county_id)
    keys.decline(uid, NO, by=by)
    change(child, erased_on=NOON.date())

    with pytest.raises(RuleBroken, match="不在等待结对"):
        keys.take_back(uid, by=by)


def test_a_renewal_waits_for_somebody_until_it_is_made(child: Child, team: Team) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    by = somebody(Role.COORDINATOR, child.county_id)
    endings.begin_renewing(pairing.uid, pairing.ends_on + timedelta(days=30), by=by)
    assert (numbers(by)[Tab.ASK], numbers(by)[Tab.SIGN]) == (1, 0)

    both_say_yes(pairing.uid)

    assert (numbers(by)[Tab.ASK], numbers(by)[Tab.SIGN]) == (0, 1)


def test_only_ends_that_the_stage_allows_are_offered(
    child: Child, team: Team, browse_as: BrowseAs
) -> None:
    me = somebody(Role.COORDINATOR, child.county_id)
    browser = browse_as(me.id or 0)
    browser.may_see_children = True
    page = browser.get(f"/pairings/{proposed(child, team, by=me)}")

    offered = {str(one["value"]) for one in page.soup.select("select[name=reason] option")}
    assert EndReason.OTHER in offered
    assert EndReason.SAFEGUARDING not in offered
