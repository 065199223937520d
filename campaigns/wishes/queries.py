"""What the public pages show of wishes, and whose wishes somebody of a centre sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select

from accounts.rules import Actor, Role
from campaigns.models import Campaign
from campaigns.rules import CURRENT, PUBLIC
from campaigns.seats.rules import GONE, LEAVING, UNCONFIRMED, Seats, SeatState
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.rules import HERE, Ages, WishState, door
from core import clock, ids
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, page_of
from core.scopes import scope
from places.models import Organisation
from places.queries import shown
from places.rules import Level, OrgKind

CENTRE = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
"""Who works at a county's centre: two of them receive every parcel."""
CARDS_A_PAGE = 24
FORGOTTEN = "×"
"""What stands for the name of a donor who has been forgotten."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish as somebody who may grant it sees it."""

    id: int
    uid: str
    code: str
    item: str
    size: str
    ages: Ages
    centre: str
    campaign: str
    slug: str
    seats: Seats


def centres(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that an organisation is the centre of a county of the actor's."""
    counties = [
        reach.area_id for reach in actor.reaches(*(roles or CENTRE)) if reach.level is Level.COUNTY
    ]
    return (Organisation.kind == OrgKind.CENTER) & Organisation.area_id.in_(counties)


@scope(Wish)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a wish is one of the actor's own centre."""
    return Wish.centre_id.in_(select(Organisation.id).where(centres(actor, *roles)))


def _rows() -> AnySelect:
    return (
        select(
            Wish,
            Campaign.title,
            Campaign.title_en,
            Campaign.slug,
            Campaign.stage,
            Organisation.name.label("centre"),
            Organisation.name_en.label("centre_en"),
        )
        .join(Campaign, Campaign.id == Wish.campaign_id)
        .join(Organisation, Organisation.id == Wish.centre_id)
    )


def _public() -> ColumnElement[bool]:
    return (Wish.state == WishState.OPEN) & Campaign.stage.in_(PUBLIC)


def _wanted_of(row: AnyRow) -> Wanted:
    wish: Wish = row.Wish
    found = door(wish.state, row.stage, taken=wish.taken >= wish.capacity)
    return Wanted(
        id=wish.id,
        uid=wish.uid,
        code=wish.code,
        item=shown(wish.item, wish.item_en),
        size=wish.size,
        ages=wish.ages,
        centre=shown(row.centre, row.centre_en),
        campaign=shown(row.title, row.title_en),
        slug=row.slug,
        seats=Seats(found, wish.capacity, wish.taken),
    )


def cards(campaign_id: int, *, centre_uid: str, after: str | None) -> Page[Wanted]:
    """Return the wishes of a campaign, those still to be granted first."""
    query = _rows().where(Wish.campaign_id == campaign_id, _public())
    if centre_uid:
        query = query.where(Organisation.uid == centre_uid, Organisation.kind == OrgKind.CENTER)
    found = page_of(query, [Wish.taken, Wish.id], after=after, size=CARDS_A_PAGE)
    return Page([_wanted_of(row) for row in found.rows], found.after)


def centres_of(campaign_id: int) -> list[tuple[str, str]]:
    """Return the centres that have wishes in a campaign: public name and name."""
    here = exists().where(
        Wish.centre_id == Organisation.id,
        Wish.campaign_id == campaign_id,
        Wish.state == WishState.OPEN,
    )
    rows = db.session.execute(
        select(Organisation.uid, Organisation.name, Organisation.name_en)
        .where(here)
        .order_by(Organisation.area_id, Organisation.id)
    )
    return [(row.uid, shown(row.name, row.name_en)) for row in rows]


def has_wishes() -> ColumnElement[bool]:
    """Return the condition that a campaign has wishes that are still to be granted."""
    return exists().where(
        Wish.campaign_id == Campaign.id,
        Wish.state == WishState.OPEN,
        Wish.taken < Wish.capacity,
        Campaign.stage.in_(CURRENT),
    )


def wanted(uid: str) -> Wanted:
    """Return a public wish. Raises NotYours."""
    row = db.session.execute(_rows().where(Wish.uid == uid, _public())).first()
    if row is None:
        raise NotYours
    return _wanted_of(row)


@dataclass(frozen=True, slots=True)
class Given:
    """A claim as the page behind its link shows it."""

    name: str
    wish: Wanted
    state: SeatState
    expires_at: datetime

    @property
    def open(self) -> bool:
        return self.state in UNCONFIRMED and self.expires_at > clock.now()

    @property
    def may_leave(self) -> bool:
        return self.state in LEAVING

    @property
    def to_bring(self) -> bool:
        return self.state is SeatState.CONFIRMED and self.expires_at > clock.now()

    @property
    def stands(self) -> bool:
        return self.open or self.to_bring or self.state in HERE


def behind(secret: str) -> Given:
    """Return the claim that a link leads to. Raises NotYours."""
    row = db.session.execute(
        _rows()
        .add_columns(
            WishClaim.name.label("donor"), WishClaim.state.label("stands"), WishClaim.expires_at
        )
        .join(WishClaim, WishClaim.wish_id == Wish.id)
        .where(WishClaim.token_hash == ids.digest(secret))
    ).first()
    if row is None:
        raise NotYours
    return Given(row.donor, _wanted_of(row), row.stands, row.expires_at)


def came_to_nothing(before: datetime) -> ColumnElement[bool]:
    """Return the condition that a claim ended before a moment without anything brought."""
    return WishClaim.state.in_(GONE) & (WishClaim.expires_at <= before)


def brought(before: datetime) -> ColumnElement[bool]:
    """Return the condition that a claim was fulfilled before a moment and still has its donor."""
    done = (WishClaim.state == SeatState.COMPLETED) & (WishClaim.completed_at <= before)
    return done & (WishClaim.name != FORGOTTEN)


def unneeded_donors(before: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody needs a donor's name and contact since a moment."""
    return or_(came_to_nothing(before), brought(before))


def own_centres(actor: Actor, *roles: Role) -> Sequence[AnyRow]:
    """Return the centres somebody works at: id, both names and county."""
    return db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.name_en, Organisation.area_id)
        .where(centres(actor, *roles))
        .order_by(Organisation.id)
    ).all()
