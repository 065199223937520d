"""How long pairings of a place have lasted, in one query for whatever they are grouped by.

No child is read: days and numbers of pairings only.
"""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import case, func, null, or_, select

from accounts.rules import Actor, Role
from campaigns.models import Campaign
from core import clock
from core.db import AnySelect, db
from core.zone import CHINA
from pairings.lasting.labels import KINDS, NONE
from pairings.lasting.rules import By, Line, Lives, line, seen_from_outside
from pairings.models import Pairing
from pairings.rules import BEGUN, OVER
from places.models import Area, Organisation
from places.queries import shown, within
from volunteers.models import Volunteer
from volunteers.teams.models import TeamMember


def of_city(actor: Actor) -> bool:
    """Whether somebody answers for a whole city and sees rounded numbers only."""
    return not actor.has(Role.COORDINATOR)


def lines(actor: Actor, by: By) -> list[Line]:
    """Return a line for each group, those with the most pairings first."""
    outside, today = of_city(actor), clock.today()
    reaches = actor.reaches(Role.CITY_COORDINATOR if outside else Role.COORDINATOR)
    begun = func.coalesce(Pairing.introduced_on, Pairing.starts_on)
    started = or_(Pairing.introduced_on.is_not(None), Pairing.agreed_before)
    rows = db.session.execute(
        _grouped(by)
        .add_columns(begun.label("begun"), Pairing.ended_at)
        .where(within(Pairing, reaches), Pairing.stage.in_(BEGUN | OVER), started)
    ).all()
    groups: dict[str, dict[tuple[int, bool], int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        until = row.ended_at.astimezone(CHINA).date() if row.ended_at else today
        days = max(0, (until - _day(row.begun)).days)
        groups[_name(by, row)][days, row.ended_at is not None] += 1
    found = [
        line(name, [Lives(days, ended, many) for (days, ended), many in lives.items()])
        for name, lives in groups.items()
    ]
    found.sort(key=lambda one: (-(one.begun or 0), one.name))
    return [seen_from_outside(one) for one in found] if outside else found


def _grouped(by: By) -> AnySelect:
    if by is By.COUNTY:
        return select(Area.name, Area.name_en).join(Pairing, Pairing.county_id == Area.id)
    if by is By.CAMPAIGN:
        return (
            select(Campaign.title.label("name"), Campaign.title_en.label("name_en"))
            .select_from(Pairing)
            .outerjoin(Campaign, Campaign.id == Pairing.campaign_id)
        )
    return select(_kind().label("name"), null().label("name_en")).select_from(Pairing)


def _kind() -> Any:
    """Return the kind of organisation of whoever leads, or led last, the team of a pairing."""
    return (
        select(Organisation.kind)
        .join(Volunteer, Volunteer.org_id == Organisation.id)
        .join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
        .where(TeamMember.team_id == Pairing.team_id)
        .order_by(
            case((TeamMember.left_on.is_(None), 0), else_=1), TeamMember.leads.desc(), TeamMember.id
        )
        .limit(1)
        .correlate(Pairing)
        .scalar_subquery()
    )


def _name(by: By, row: Any) -> str:
    if row.name is None:
        return str(NONE[by])
    return str(KINDS[row.name]) if by is By.KIND else shown(row.name, row.name_en or "")


def _day(given: date | str) -> date:
    """SQLite says a day as text where it is worked out."""
    return date.fromisoformat(given) if isinstance(given, str) else given
