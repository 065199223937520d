"""Wishes as those who enter and approve them see them."""

from sqlalchemy import ColumnElement, case, func, or_, select

from accounts.models import Person
from accounts.rules import Actor, Role
from campaigns.models import Campaign
from campaigns.rules import CURRENT
from campaigns.wishes.models import Wish
from campaigns.wishes.queries import own_centres, visible
from campaigns.wishes.rules import WishState
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from places.models import Area, Organisation
from places.queries import in_language, shown


def tabs(actor: Actor) -> dict[str, ColumnElement[bool]]:
    """Return the lists of wishes that somebody may ask for, and what is in each."""
    others = Wish.written_by_id != actor.id
    proposed, is_open = Wish.state == WishState.PROPOSED, Wish.state == WishState.OPEN
    return {
        "approve": proposed & others,
        "mine": proposed & (Wish.written_by_id == actor.id),
        "returned": Wish.state == WishState.RETURNED,
        "open": is_open & (Wish.taken == 0),
        "taken": is_open & (Wish.taken > 0),
        "withdrawn": Wish.state == WishState.WITHDRAWN,
    }


def counts(actor: Actor) -> dict[str, int]:
    """Return how many wishes are in each list, in one query."""
    known = tabs(actor)
    row = db.session.execute(
        select(*(func.count(case((condition, 1))) for condition in known.values())).where(
            visible(actor)
        )
    ).one()
    return dict(zip(known, row, strict=True))


def wishes(actor: Actor, *, tab: str, after: str | None) -> Page[AnyRow]:
    """Return the wishes of a list, the newest first."""
    query = (
        select(
            Wish.uid, Wish.code, Wish.item, Wish.size, Wish.ages, Wish.state, Wish.taken,
            in_language(Campaign.title, Campaign.title_en).label("campaign"),
            in_language(Organisation.name, Organisation.name_en).label("centre"),
        )
        .join(Campaign, Campaign.id == Wish.campaign_id)
        .join(Organisation, Organisation.id == Wish.centre_id)
        .where(visible(actor))
    )  # fmt: skip
    condition = tabs(actor).get(tab)
    if condition is not None:
        query = query.where(condition)
    return newest_first(query, [Wish.id], after=after)


def wish(uid: str, actor: Actor, *roles: Role) -> AnyRow:
    """Return a wish of the actor's own centre, with what belongs to it. Raises NotYours."""
    row = db.session.execute(
        select(
            Wish,
            in_language(Campaign.title, Campaign.title_en).label("campaign"),
            Campaign.stage,
            in_language(Organisation.name, Organisation.name_en).label("centre"),
            Person.name.label("written_by"),
        )
        .join(Campaign, Campaign.id == Wish.campaign_id)
        .join(Organisation, Organisation.id == Wish.centre_id)
        .join(Person, Person.id == Wish.written_by_id)
        .where(Wish.uid == uid, visible(actor, *roles))
    ).first()
    if row is None:
        raise NotYours
    return row


def campaign_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the campaigns that now reach a county of the actor's, the newest first."""
    counties = [row.area_id for row in own_centres(actor, Role.COORDINATOR)]
    above = select(Area.parent_id).where(Area.id.in_(counties))
    rows = db.session.execute(
        select(Campaign.id, Campaign.title, Campaign.title_en)
        .where(
            Campaign.stage.in_(CURRENT),
            or_(Campaign.area_id.in_(counties), Campaign.area_id.in_(above)),
        )
        .order_by(Campaign.id.desc())
    )
    return [(str(row.id), shown(row.title, row.title_en)) for row in rows]


def centre_choices(actor: Actor) -> list[tuple[str, str]]:
    own = own_centres(actor, Role.COORDINATOR)
    return [(str(row.id), shown(row.name, row.name_en)) for row in own]


def reaches(campaign_id: int, centre_id: int) -> bool:
    """Whether a campaign is on and reaches the county of a centre."""
    county = select(Organisation.area_id).where(Organisation.id == centre_id)
    above = select(Area.parent_id).where(Area.id.in_(county))
    return bool(
        db.session.scalar(
            select(Campaign.id).where(
                Campaign.id == campaign_id,
                Campaign.stage.in_(CURRENT),
                or_(Campaign.area_id.in_(county), Campaign.area_id.in_(above)),
            )
        )
    )
