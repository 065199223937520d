"""What the desk of a centre sees: who is to be called, what is to come and what has come."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from accounts.models import Person
from accounts.rules import Actor, Role
from campaigns.models import Campaign
from campaigns.seats.rules import SeatState
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.queries import visible as of_own_centre
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, page_of
from core.scopes import scope
from places.models import Organisation
from places.queries import in_language

SOON = timedelta(days=3)


@scope(WishClaim)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a claim is for a wish of the actor's own centre."""
    return WishClaim.wish_id.in_(select(Wish.id).where(of_own_centre(actor, *roles)))


def tabs(actor: Actor) -> dict[str, ColumnElement[bool]]:
    """Return the lists of the desk, and what is in each."""
    held, now = WishClaim.state == SeatState.HELD, clock.now()
    arrived = WishClaim.state == SeatState.ARRIVED
    return {
        "call": held & WishClaim.email.is_(None) & (WishClaim.expires_at > now),
        "due": (WishClaim.state == SeatState.CONFIRMED) & (WishClaim.expires_at > now),
        "soon": (WishClaim.state == SeatState.CONFIRMED)
        & (WishClaim.expires_at > now)
        & (WishClaim.expires_at <= now + SOON),
        "hand": arrived & (WishClaim.arrived_by_id != actor.id),
        "arrived": arrived,
        "done": WishClaim.state == SeatState.COMPLETED,
    }


def counts(actor: Actor) -> dict[str, int]:
    """Return how many claims are in each list, in one query."""
    known = tabs(actor)
    row = db.session.execute(
        select(*(func.count(case((condition, 1))) for condition in known.values())).where(
            visible(actor)
        )
    ).one()
    return dict(zip(known, row, strict=True))


def _columns() -> tuple[Any, ...]:
    return (
        WishClaim.uid, WishClaim.name, WishClaim.phone, WishClaim.email, WishClaim.state,
        WishClaim.expires_at, WishClaim.confirmed_at, WishClaim.arrived_at,
        WishClaim.arrived_by_id, WishClaim.completed_at, Wish.code, Wish.item, Wish.size,
        Wish.uid.label("wish_uid"),
        in_language(Campaign.title, Campaign.title_en).label("campaign"),
        in_language(Organisation.name, Organisation.name_en).label("centre"),
    )  # fmt: skip


def claims(actor: Actor, *, tab: str, after: str | None) -> Page[AnyRow]:
    """Return the claims of a list, what lapses first on top."""
    query = (
        select(*_columns())
        .join(Wish, Wish.id == WishClaim.wish_id)
        .join(Campaign, Campaign.id == Wish.campaign_id)
        .join(Organisation, Organisation.id == Wish.centre_id)
        .where(visible(actor), tabs(actor)[tab])
    )
    return page_of(query, [WishClaim.expires_at, WishClaim.id], after=after)


def claim(uid: str, actor: Actor) -> AnyRow:
    """Return a claim of the actor's own centre. Raises NotYours."""
    row = db.session.execute(
        select(*_columns(), Person.name.label("arrived_by"))
        .join(Wish, Wish.id == WishClaim.wish_id)
        .join(Campaign, Campaign.id == Wish.campaign_id)
        .join(Organisation, Organisation.id == Wish.centre_id)
        .outerjoin(Person, Person.id == WishClaim.arrived_by_id)
        .where(WishClaim.uid == uid, visible(actor))
    ).first()
    if row is None:
        raise NotYours
    return row
