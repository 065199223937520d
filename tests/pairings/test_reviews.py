"""A team that can no longer come: its proposals are withdrawn, its children wait for a decision."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.models import Child
from core.db import db
from messages.models import Message
from pairings.endings import services as endings
from pairings.models import Pairing
from pairings.reviews import queries
from pairings.rules import LIVE, EndReason, Stage
from places.models import Area
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.proposals import change, members, proposed, somebody
from tests.builders.visits import a_plan, members_of
from tests.builders.volunteers import a_member, an_active_volunteer
from tests.conftest import BrowseAs
from visits import services as visits
from visits.models import Visit
from visits.rules import CancelReason, State
from volunteers import services as volunteers
from volunteers.rules import Status
from volunteers.teams import services as teams
from volunteers.teams.models import Team
from volunteers.teams.rules import Parting


def dissolve(team: Team, by: Actor) -> None:
    teams.dissolve(team.uid, Parting.LEAVING, by=by, let_go=visits.team_gone)


def the(pairing: Pairing) -> Pairing:
    db.session.expire_all()
    return db.session.get_one(Pairing, pairing.id)


def coordinator(child: Child) -> Actor:
    return somebody(Role.COORDINATOR, child.county_id)


def test_dissolving_a_team_puts_its_pairing_up_and_ends_nothing(
    child: Child, team: Team, browse_as: BrowseAs
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    by = coordinator(child)
    assert queries.number(by) == 0

    dissolve(team, by)

    assert the(pairing).stage is Stage.ACTIVE
    assert queries.number(by) == 1
    desk = browse_as(by.id or 0)
    desk.may_see_children = True
    home = desk.get("/home")
    assert "要重新安排的孩子" in home.text
    listed = desk.get(home.links("tab=rearrange")[0])
    assert listed.texts("tbody th a") == [child.alias]
    page = desk.get(f"/pairings/{pairing.uid}")
    for choice in ("换一个小组", "先暂停", "好好告别"):
        assert choice in page.text


def test_the_childs_county_decides_also_about_a_neighbours_team(child: Child, team: Team) -> None:
    a_pairing(child, team, stage=Stage.ACTIVE)
    neighbour = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    dissolve(team, coordinator(child))
    assert queries.number(coordinator(child)) == 1
    assert queries.number(somebody(Role.SAFEGUARDING_LEAD, child.county_id)) == 1
    assert queries.number(neighbour) == 0


def suspend(team: Team) -> None:
    one = members(team)[1]
    by = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=team.county_id))
    volunteers.suspend(one.uid, reason="x", by=by)


def leave(team: Team) -> None:
    one = members(team)[1]
    volunteers.leave(one.uid, reason="x", by=actor_for(one.person_id))


def lapse(team: Team) -> None:
    change(members(team)[1], status=Status.EXPIRED)


@pytest.mark.parametrize("goes", [suspend, leave, lapse])
def test_a_team_with_one_adult_left_is_to_be_reviewed(
    child: Child, team: Team, goes: Callable[[Team], None]
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    goes(team)
    by = coordinator(child)
    assert queries.waits(pairing, by)
    assert the(pairing).stage is Stage.ACTIVE


def test_a_team_with_two_adults_left_goes_on(child: Child, team: Team, county: Area) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    a_member(team, an_active_volunteer(county))
    suspend(team)
    assert not queries.waits(pairing, coordinator(child))


@pytest.mark.parametrize("stage", sorted({*Stage} - queries.UNDECIDED))
def test_what_has_been_decided_on_waits_no_more(child: Child, team: Team, stage: Stage) -> None:
    pairing = a_pairing(child, team, stage=stage)
    suspend(team)
    assert not queries.waits(pairing, coordinator(child))


def test_it_waits_until_somebody_has_decided(child: Child, team: Team) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    by = coordinator(child)
    dissolve(team, by)
    visits.sweep()
    assert queries.waits(pairing, by)
    endings.begin_ending(pairing.uid, endings.Parting(EndReason.TEAM_LEFT, "小组已经解散"), by=by)
    assert not queries.waits(pairing, by)


def test_a_proposal_is_withdrawn_with_its_team_and_the_proposer_is_told(
    child: Child, team: Team
) -> None:
    uid = proposed(child, team)
    pairing = db.session.scalars(select(Pairing).where(Pairing.uid == uid)).one()
    dissolve(team, coordinator(child))
    assert (the(pairing).stage, the(pairing).end_reason) == (Stage.ENDED, EndReason.TEAM_LEFT)
    told = db.session.scalars(select(Message.person_id).where(Message.kind == "pairing_withdrawn"))
    assert set(told) == {pairing.proposed_by_id}


@pytest.mark.parametrize("goes", [suspend, leave, lapse])
def test_the_sweep_withdraws_proposals_of_teams_that_are_too_small(
    child: Child, team: Team, goes: Callable[[Team], None]
) -> None:
    pairing = a_pairing(child, team)
    visits.sweep()
    assert the(pairing).stage is Stage.PROPOSED
    goes(team)
    visits.sweep()
    assert the(pairing).stage not in LIVE


def test_a_dissolved_teams_visit_is_called_off_at_once(
    child: Child, team: Team, app: Flask
) -> None:
    pairing = a_pairing(child, team, stage=Stage.ACTIVE)
    leader = actor_for(members_of(pairing)[0][0])
    uid = visits.plan_visit(pairing.uid, a_plan(pairing), by=leader)

    dissolve(team, coordinator(child))

    visit = db.session.scalars(select(Visit).where(Visit.uid == uid)).one()
    assert (visit.state, visit.cancel_reason) == (State.CANCELLED, CancelReason.TOO_FEW_LEFT)
    assert visit.cancelled_at is not None
    assert visit.starts_at - visit.cancelled_at > timedelta(0)
