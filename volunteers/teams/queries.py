"""Reading teams and who belongs to them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor, Role
from core.db import AnyRow, db
from core.i18n import _
from core.paging import Page, newest_first
from core.scopes import find, scope
from places.queries import area_names
from volunteers.models import Volunteer
from volunteers.queries import called, in_counties
from volunteers.rules import Status
from volunteers.teams.models import Team, TeamLead, TeamMember
from volunteers.teams.rules import FEWEST, Member

__all__ = ["Member", "candidates", "listing", "members", "team", "team_ids_of", "teams_of"]

MOST_CANDIDATES = 60
MOST_LEADS = 20


@scope(Team)
def visible(actor: Actor) -> ColumnElement[bool]:
    return in_counties(Team.county_id, actor.reaches(Role.COORDINATOR))


def team_ids_of(person_id: int | None) -> Select[int]:
    """Return the select of the ids of the teams somebody belongs to and may act for now.

    Only an active volunteer acts for a team: whoever is paused, expired or suspended loses sight
    of what the team sees in that very moment.
    """
    return (
        select(TeamMember.team_id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(
            Volunteer.person_id == person_id,
            Volunteer.status == Status.ACTIVE,
            TeamMember.left_on.is_(None),
            Team.dissolved_at.is_(None),
        )
    )


def members(team_ids: Iterable[int]) -> dict[int, list[Member]]:
    """Return who belongs to each of the teams now, the leader first."""
    ids = list(team_ids)
    found: dict[int, list[Member]] = {team_id: [] for team_id in ids}
    rows = db.session.execute(
        select(
            TeamMember.team_id,
            Volunteer.id,
            Volunteer.person_id,
            Person.name,
            Volunteer.sex,
            TeamMember.leads,
            Volunteer.status,
        )
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .join(Person, Person.id == Volunteer.person_id)
        .where(TeamMember.team_id.in_(ids), TeamMember.left_on.is_(None))
        .order_by(TeamMember.leads.desc(), TeamMember.id)
    )
    for team_id, volunteer_id, person_id, name, sex, leads, status in rows:
        found[team_id].append(Member(volunteer_id, person_id, name, sex, leads, status))
    return found


def volunteer_uids(volunteer_ids: Iterable[int]) -> dict[int, str]:
    """Return the public names of volunteers by id, for links."""
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.uid).where(Volunteer.id.in_(list(volunteer_ids)))
    )
    return {row.id: row.uid for row in rows}


def team(uid: str, actor: Actor) -> Team:
    """Return a team of this coordinator's county, a dissolved one too."""
    return find(Team, uid, actor)


def teams_of(volunteer_id: int) -> Sequence[Team]:
    """Return the teams a volunteer belongs to now, whatever the volunteer's own status."""
    return db.session.scalars(
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(
            TeamMember.volunteer_id == volunteer_id,
            TeamMember.left_on.is_(None),
            Team.dissolved_at.is_(None),
        )
        .order_by(Team.id)
    ).all()


def leads(team_id: int) -> Sequence[AnyRow]:
    """Return who has led a team from when until when and who said so, the newest first."""
    setter = aliased(Person)
    return db.session.execute(
        select(Person.name, TeamLead.since, TeamLead.until, setter.name.label("by"))
        .join(Volunteer, Volunteer.id == TeamLead.volunteer_id)
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(setter, setter.id == TeamLead.set_by_id)
        .where(TeamLead.team_id == team_id)
        .order_by(TeamLead.id.desc())
        .limit(MOST_LEADS)
    ).all()


def short() -> ColumnElement[bool]:
    """Return the condition that a team stands but cannot go: too few are active, or none leads."""
    active = (
        select(TeamMember.id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .where(
            TeamMember.team_id == Team.id,
            TeamMember.left_on.is_(None),
            Volunteer.status == Status.ACTIVE,
        )
        .correlate(Team)
    )
    many = active.with_only_columns(func.count()).scalar_subquery()
    return Team.dissolved_at.is_(None) & or_(
        many < FEWEST, ~active.where(TeamMember.leads).exists()
    )


def number_short(actor: Actor) -> int:
    """Return how many teams of this coordinator's county need a member or a leader."""
    counted = select(func.count()).select_from(Team).where(visible(actor), short())
    return db.session.scalar(counted) or 0


def listing(actor: Actor, *, after: str | None, only_short: bool = False) -> Page[AnyRow]:
    """Return a page of the county's teams that stand, the newest first."""
    listed = select(Team.uid, Team.name, Team.formed_at).where(
        visible(actor), short() if only_short else Team.dissolved_at.is_(None)
    )
    return newest_first(listed, [Team.id], after=after)


def number_of_teams(county_id: int) -> int:
    """Return how many teams a county has ever had: the next one's number follows from it."""
    counted = select(func.count()).select_from(Team).where(Team.county_id == county_id)
    return db.session.scalar(counted) or 0


def next_name(county_id: int) -> str:
    """Return a name nobody has to think about: the county and the team's number in it."""
    county = area_names([county_id])[county_id]
    return _("%(county)s %(n)d 组", county=county, n=number_of_teams(county_id) + 1)


def candidates(actor: Actor, *, q: str, chosen: Iterable[str]) -> Sequence[AnyRow]:
    """Return active volunteers for a new team: those chosen already, then those without a team.

    `q` is part of a name or pinyin initials; no more than MOST_CANDIDATES at a time.
    """
    busy = (
        select(TeamMember.volunteer_id, func.count().label("teams"))
        .where(TeamMember.left_on.is_(None))
        .group_by(TeamMember.volunteer_id)
        .subquery()
    )
    teams = func.coalesce(busy.c.teams, 0)
    listed = (
        select(
            Volunteer.uid,
            Person.name,
            Volunteer.sex,
            Volunteer.org_text,
            Volunteer.county_id,
            teams.label("teams"),
        )
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(busy, busy.c.volunteer_id == Volunteer.id)
        .where(
            in_counties(Volunteer.county_id, actor.reaches(Role.COORDINATOR)),
            Volunteer.status == Status.ACTIVE,
        )
    )
    picked = Volunteer.uid.in_(list(chosen))
    if q:
        listed = listed.where(called(q) | picked)
    return db.session.execute(
        listed.order_by(picked.desc(), teams, Volunteer.initials, Volunteer.id).limit(
            MOST_CANDIDATES
        )
    ).all()
