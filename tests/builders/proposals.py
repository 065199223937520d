"""What tests of pairings say often: who proposes what, and what became of it."""

from datetime import date
from typing import Any

from sqlalchemy import select, update

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from children.models import Child
from children.rules import NeedState
from core.db import db, transaction
from messages.models import Message
from pairings.models import Pairing
from pairings.proposals import services as proposals
from pairings.proposals.services import Proposal
from places.models import Area
from tests.browser import Browser, Page
from tests.builders.people import a_member_of_staff
from tests.conftest import BrowseAs
from volunteers.models import Volunteer
from volunteers.teams.models import Team, TeamMember

TODAY = date(2026, 11, 24)


def staff(browse_as: BrowseAs, role: Role, area: Area) -> Browser:
    browser = browse_as(a_member_of_staff(role, area_id=area.id))
    browser.may_see_children = True
    return browser


def a_supervisor(child: Child) -> int:
    return a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=child.township_id)


def somebody(role: Role, area_id: int | None) -> Actor:
    return actor_for(a_member_of_staff(role, area_id=area_id))


def a_proposal(team: Team, **given: Any) -> dict[str, Any]:
    fields = {"team": team.uid, "note": "每周都有空，会辅导作业", "ends_on": "2027-07-10"}
    return fields | {"campaign": ""} | given


def proposed(child: Child, team: Team, **given: Any) -> str:
    """Propose by the service, as some coordinator of the county; return the uid."""
    by = given.pop("by", None) or somebody(Role.COORDINATOR, child.county_id)
    proposal = Proposal(team.uid, "每周都有空", date(2027, 7, 10), **given)
    return proposals.propose(child.uid, proposal, by=by)


def the(uid: str) -> Pairing:
    return db.session.scalars(select(Pairing).where(Pairing.uid == uid)).one()


def state(child: Child) -> NeedState:
    return db.session.scalars(select(Child.state).where(Child.id == child.id)).one()


def members(team: Team) -> list[Volunteer]:
    return list(
        db.session.scalars(
            select(Volunteer)
            .join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
            .where(TeamMember.team_id == team.id)
            .order_by(TeamMember.id)
        )
    )


def change(row: Any, **values: Any) -> None:
    """Write other values into a row."""
    with transaction() as session:
        session.execute(update(type(row)).where(type(row).id == row.id).values(**values))


def told(kind: str) -> set[int | None]:
    return set(db.session.scalars(select(Message.person_id).where(Message.kind == kind)))


def aliases(page: Page, place: int = 0) -> list[str]:
    """Return whom a column of the board shows."""
    return [
        " ".join(one.get_text().split()) for one in page.soup.select(".col")[place].select(".kid b")
    ]
