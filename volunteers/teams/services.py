"""Forming teams, changing who leads them, and letting them go."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from sqlalchemy import ColumnElement, Update, select, update

from accounts.rules import Actor, Role
from accounts.services import Office, end_office, grant
from core import audit, clock
from core.db import hold, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from volunteers.models import Volunteer
from volunteers.queries import clearances, in_counties
from volunteers.rules import Status
from volunteers.teams import queries
from volunteers.teams.models import Team, TeamLead, TeamMember
from volunteers.teams.refusing.services import bar_pair
from volunteers.teams.rules import FEWEST, Parting, Refusal
from volunteers.teams.telling.services import tell

LetGo: TypeAlias = Callable[[int, Actor], object]
"""What higher rooms do in the same transaction when a team is let go."""


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
        _begin_lead(team, leader.id, by=by)
        grant(leader.person_id, _office(team), by=by, reason=new.name)
        audit.record("form", "team", team.uid, by=by.id)
        tell("team_formed", team, [volunteer.person_id for volunteer in chosen])
        return team.uid


def _begin_lead(team: Team, volunteer_id: int, *, by: Actor) -> None:
    """Write down that somebody leads from now on, and that whoever led before no longer does."""
    with transaction() as session:
        session.execute(_ended_leads(TeamLead.team_id == team.id))
        session.add(TeamLead(team_id=team.id, volunteer_id=volunteer_id, set_by_id=by.id))
        session.flush()


def _ended_leads(which: ColumnElement[bool]) -> Update:
    return update(TeamLead).where(which, TeamLead.until.is_(None)).values(until=clock.now())


def lead(uid: str, volunteer_uid: str, *, by: Actor) -> None:
    """Let another member lead a team. Raises NotYours, RuleBroken.

    The team's row is the lock, and a partial unique index lets one member lead at most.
    """
    with transaction() as session:
        team = _standing(uid, by)
        of_team = (TeamMember.team_id == team.id) & TeamMember.left_on.is_(None)
        people = select(TeamMember.volunteer_id).where(of_team)
        hold(select(Volunteer.id).where(Volunteer.id.in_(people)).order_by(Volunteer.id))
        members = queries.members([team.id])[team.id]
        volunteer_id = session.scalar(select(Volunteer.id).where(Volunteer.uid == volunteer_uid))
        new = next((one for one in members if one.volunteer_id == volunteer_id), None)
        if new is None:
            raise RuleBroken(_("领队要从组员里选"))
        held = clearances([new.volunteer_id], clock.today())[new.volunteer_id]
        if new.status is not Status.ACTIVE or not held.complete:
            raise RuleBroken(_("这位组员现在不在服务中，不能做领队"))
        if new.leads:
            raise RuleBroken(_("这位组员已经是领队"))
        session.execute(update(TeamMember).where(of_team, TeamMember.leads).values(leads=False))
        leads = session.scalar(
            update(TeamMember)
            .where(of_team, TeamMember.volunteer_id == new.volunteer_id)
            .values(leads=True)
            .returning(TeamMember.id)
        )
        if leads is None:  # has left in this very moment
            raise RuleBroken(_("领队要从组员里选"))
        _begin_lead(team, new.volunteer_id, by=by)
        for old in members:
            if old.leads:
                _end_lead(old.volunteer_id, old.person_id, team.county_id, by=by)
        grant(new.person_id, _office(team), by=by, reason=team.name)
        audit.record("lead", "team", team.uid, by=by.id, fields=["leader"])
        tell("team_lead", team, [new.person_id])


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
        held = clearances((volunteer.id for volunteer in chosen), today)
        for volunteer in chosen:
            if volunteer.status is not Status.ACTIVE or not held[volunteer.id].complete:
                raise RuleBroken(_("有人现在不在服务中，请重新选择"))
        return chosen


def dissolve(uid: str, why: Parting, *, by: Actor, let_go: LetGo) -> None:
    """Let a team go. Raises NotYours, RuleBroken.

    Its children stay paired until somebody has decided what becomes of them: `let_go` withdraws
    what is only proposed and looks after the visits. Whatever is proposed or approved at the same
    moment is found by the sweep and by the list of pairings to decide on.
    """
    with transaction() as session:
        team = _standing(uid, by)
        members = queries.members([team.id])[team.id]
        team.dissolved_at, team.dissolved_for = clock.now(), why
        session.execute(
            update(TeamMember)
            .where(TeamMember.team_id == team.id, TeamMember.left_on.is_(None))
            .values(left_on=clock.today())
        )
        session.execute(_ended_leads(TeamLead.team_id == team.id))
        audit.record("dissolve", "team", uid, by=by.id, reason=why.value)
        for member in members:
            if member.leads:
                _end_lead(member.volunteer_id, member.person_id, team.county_id, by=by)
        if why is Parting.NOT_GETTING_ON:
            for one, two in combinations(sorted(one.volunteer_id for one in members), 2):
                bar_pair(one, two, Refusal.NOT_GETTING_ON, by=by)
        tell("team_dissolved", team, [member.person_id for member in members])
        let_go(team.id, by)


def _standing(uid: str, by: Actor) -> Team:
    """Return a team of this coordinator's that stands, locked. Raises NotYours, RuleBroken."""
    with transaction() as session:
        team = session.scalar(
            select(Team).where(Team.uid == uid, queries.visible(by)).with_for_update()
        )
        if team is None:
            raise NotYours
        if team.dissolved_at is not None:
            raise RuleBroken(_("这个小组已经解散"))
        return team


def leave_all(volunteer_id: int, *, by: Actor) -> None:
    """Take a volunteer out of every team; their leading ends with it."""
    with transaction() as session:
        session.execute(
            update(TeamMember)
            .where(TeamMember.volunteer_id == volunteer_id, TeamMember.left_on.is_(None))
            .values(left_on=clock.today())
        )
        session.execute(_ended_leads(TeamLead.volunteer_id == volunteer_id))
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
