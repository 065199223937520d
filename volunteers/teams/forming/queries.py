"""What runs have found, each for the coordinators of its county."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor, Role
from core.db import AnyRow, AnySelect, db
from core.paging import Key, Page, newest_first, page_of
from core.scopes import find, scope
from volunteers.models import Volunteer
from volunteers.queries import in_counties
from volunteers.teams.forming.models import TeamLeft, TeamProposal, TeamRun
from volunteers.teams.forming.rules import BUSY, Fate, Why
from volunteers.teams.models import Team

AT_ONCE = 25


@scope(TeamRun)
def visible(actor: Actor) -> ColumnElement[bool]:
    return in_counties(TeamRun.county_id, actor.reaches(Role.COORDINATOR))


def run(uid: str, actor: Actor) -> TeamRun:
    """Return a run of this coordinator's county. Raises NotYours."""
    return find(TeamRun, uid, actor)


def busy_run(actor: Actor) -> TeamRun | None:
    """Return the run that is going on in one of this coordinator's counties."""
    return db.session.scalar(
        select(TeamRun).where(visible(actor), TeamRun.state.in_(BUSY)).order_by(TeamRun.id).limit(1)
    )


def runs(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return this coordinator's runs, the newest first."""
    listed = select(
        TeamRun.uid,
        TeamRun.state,
        TeamRun.made_at,
        TeamRun.total,
        TeamRun.points,
        TeamRun.county_id,
    ).where(visible(actor))
    return newest_first(listed, [TeamRun.id], after=after, size=20)


def proposals(run_id: int, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the pairs of a run with both people, the most points first."""
    keys: list[Key] = [TeamProposal.points * -1, TeamProposal.id]
    return page_of(_proposals(run_id), keys, after=after, size=AT_ONCE)


def picked(run_id: int, uids: Collection[str]) -> Sequence[AnyRow]:
    """Return those of the named pairs of a run that are open still."""
    asked = _proposals(run_id).where(
        TeamProposal.uid.in_(list(uids)), TeamProposal.fate == Fate.OPEN
    )
    return db.session.execute(asked.order_by(TeamProposal.id)).all()


def fates(run_id: int) -> dict[Fate, int]:
    """Return what has become of how many pairs."""
    counted = (
        select(TeamProposal.fate, func.count().label("many"))
        .where(TeamProposal.run_id == run_id)
        .group_by(TeamProposal.fate)
    )
    return {row.fate: row.many for row in db.session.execute(counted)}


def _proposals(run_id: int) -> AnySelect:
    one, two = aliased(Volunteer), aliased(Volunteer)
    person_one, person_two = aliased(Person), aliased(Person)
    return (
        select(
            TeamProposal.uid, TeamProposal.points, TeamProposal.reasons, TeamProposal.fate,
            TeamProposal.one_id, TeamProposal.two_id, TeamProposal.leader_id,
            person_one.name.label("one"), person_two.name.label("two"),
            Team.uid.label("team_uid"), Team.name.label("team"),
        )
        .join(one, one.id == TeamProposal.one_id)
        .join(two, two.id == TeamProposal.two_id)
        .join(person_one, person_one.id == one.person_id)
        .join(person_two, person_two.id == two.person_id)
        .outerjoin(Team, Team.id == TeamProposal.team_id)
        .where(TeamProposal.run_id == run_id)
    )  # fmt: skip


def left(run_id: int, *, after: str | None) -> Page[AnyRow]:
    """Return a page of those a run found no partner for, by reason."""
    listed = (
        select(Volunteer.uid, Person.name, TeamLeft.why, TeamLeft.many)
        .join(Volunteer, Volunteer.id == TeamLeft.volunteer_id)
        .join(Person, Person.id == Volunteer.person_id)
        .where(TeamLeft.run_id == run_id)
    )
    return page_of(listed, [TeamLeft.id], after=after)


def left_by_reason(run_id: int) -> dict[Why, int]:
    """Return how many people each reason leaves without a partner."""
    counted = (
        select(TeamLeft.why, func.count().label("many"))
        .where(TeamLeft.run_id == run_id)
        .group_by(TeamLeft.why)
    )
    return {row.why: row.many for row in db.session.execute(counted)}
