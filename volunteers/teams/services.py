"""Forming teams, and letting them go."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from accounts.rules import Actor, Role
from accounts.services import Office, end_office, grant
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from volunteers.models import Volunteer
from volunteers.queries import in_counties, proofs_of
from volunteers.rules import Status, clearance
from volunteers.teams import queries
from volunteers.teams.models import Team, TeamMember
from volunteers.teams.rules import FEWEST


@dataclass(frozen=True, slots=True)
class NewTeam:
    """Who is to be a team, by their public names; the leader is one of them."""

    name: str
    leader: str
    members: frozenset[str]


def form(new: NewTeam, *, by: Actor) -> str:
    """Form a team of active volunteers of one county; return its uid."""
    with transaction() as session:
        chosen = _chosen(new.members | {new.leader}, by)
        team = Team(name=new.name, county_id=chosen[0].county_id, formed_by_id=by.id)
        session.add(team)
        session.flush()
        today = clock.today()
        session.add_all(
            TeamMember(
                team_id=team.id,
                volunteer_id=volunteer.id,
                leads=volunteer.uid == new.leader,
                joined_on=today,
            )
            for volunteer in chosen
        )
        leader = next(volunteer for volunteer in chosen if volunteer.uid == new.leader)
        grant(leader.person_id, _office(team), by=by, reason=new.name)
        audit.record("form", "team", team.uid, by=by.id)
        return team.uid


def _office(team: Team) -> Office:
    return Office(Role.TEAM_LEADER, area_id=team.county_id)


def _chosen(uids: Collection[str], by: Actor) -> Sequence[Volunteer]:
    """Return the volunteers, locked. Raises RuleBroken unless they can be a team today."""
    with transaction() as session:
        chosen = session.scalars(
            select(Volunteer)
            .where(
                Volunteer.uid.in_(uids),
                in_counties(Volunteer.county_id, by.reaches(Role.COORDINATOR)),
            )
            .order_by(Volunteer.id)
            .with_for_update()
        ).all()
        if len(chosen) != len(uids):
            raise NotYours
        if len(chosen) < FEWEST:
            raise RuleBroken(_("一个小组至少两个人"))
        if len({volunteer.county_id for volunteer in chosen}) > 1:
            raise RuleBroken(_("小组的人要在同一个县"))
        today = clock.today()
        proofs = proofs_of(volunteer.id for volunteer in chosen)
        for volunteer in chosen:
            held = clearance(proofs[volunteer.id], today)
            if volunteer.status is not Status.ACTIVE or not held.complete:
                raise RuleBroken(_("有人现在不在服务中，请重新选择"))
        return chosen


def dissolve(uid: str, *, by: Actor, in_use: Callable[[int], bool]) -> None:
    """Let a team go, unless `in_use` says that it accompanies a child.

    The team's row is locked first: whoever gives the team a child locks it, too.
    """
    with transaction() as session:
        team = session.scalar(
            select(Team).where(Team.uid == uid, queries.visible(by)).with_for_update()
        )
        if team is None:
            raise NotYours
        if team.dissolved_at is not None:
            raise RuleBroken(_("这个小组已经解散"))
        if in_use(team.id):
            raise RuleBroken(_("这个小组正在陪伴孩子，先结束结对才能解散"))
        members = queries.members([team.id])[team.id]
        team.dissolved_at = clock.now()
        session.execute(
            update(TeamMember)
            .where(TeamMember.team_id == team.id, TeamMember.left_on.is_(None))
            .values(left_on=clock.today())
        )
        audit.record("dissolve", "team", uid, by=by.id)
        for member in members:
            if member.leads:
                _end_lead(member.volunteer_id, member.person_id, team.county_id, by=by)


def leave_all(volunteer_id: int, *, by: Actor) -> None:
    """Take a volunteer out of every team; their leading ends with it."""
    with transaction() as session:
        session.execute(
            update(TeamMember)
            .where(TeamMember.volunteer_id == volunteer_id, TeamMember.left_on.is_(None))
            .values(left_on=clock.today())
        )
        volunteer = session.get_one(Volunteer, volunteer_id)
        _end_lead(volunteer_id, volunteer.person_id, volunteer.county_id, by=by)


def _end_lead(volunteer_id: int, person_id: int, county_id: int, *, by: Actor) -> None:
    """End the leader's role in a county unless another of its teams is led still."""
    with transaction() as session:
        leads = session.scalar(
            select(TeamMember.id)
            .join(Team, Team.id == TeamMember.team_id)
            .where(
                TeamMember.volunteer_id == volunteer_id,
                TeamMember.leads,
                TeamMember.left_on.is_(None),
                Team.county_id == county_id,
            )
            .limit(1)
        )
        if leads is None:
            office = Office(Role.TEAM_LEADER, area_id=county_id)
            end_office(person_id, office, by=by, reason="no team")
