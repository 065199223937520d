"""Blocks as those see them who keep them and those whose members sit on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from accounts.rules import Actor, Role
from campaigns.blocks.models import Block
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import CURRENT
from campaigns.seats.rules import GONE
from campaigns.signups.models import SignUp
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first, page_of
from core.scopes import find, scope
from places.models import Area, Organisation
from places.queries import in_language, shown
from volunteers.orgs.models import Standing
from volunteers.orgs.rules import State
from volunteers.queries import in_counties

OPEN = Block.released_at.is_(None)


@scope(Block)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a block is in a coordinator's county, or of an own organisation."""
    here = select(Slot.id).where(in_counties(Slot.county_id, actor.reaches(Role.COORDINATOR)))
    return or_(Block.slot_id.in_(here), Block.org_id.in_(actor.organisations(Role.ORG_LEAD)))


@dataclass(frozen=True, slots=True)
class Kept:
    """A block with what it belongs to."""

    block: Block
    slot: Slot
    activity: Activity
    campaign: Campaign
    org: str
    county: str

    @property
    def title(self) -> str:
        return shown(self.campaign.title, self.campaign.title_en)

    @property
    def is_open(self) -> bool:
        return self.block.released_at is None and self.block.expires_at > clock.now()


_WHOLE = (
    select(
        Block,
        Slot,
        Activity,
        Campaign,
        Organisation.name.label("org"),
        Organisation.name_en.label("org_en"),
        Area.name.label("county"),
        Area.name_en.label("county_en"),
    )
    .join(Slot, Slot.id == Block.slot_id)
    .join(Activity, Activity.id == Slot.activity_id)
    .join(Campaign, Campaign.id == Slot.campaign_id)
    .join(Organisation, Organisation.id == Block.org_id)
    .join(Area, Area.id == Slot.county_id)
)


def kept(row: AnyRow) -> Kept:
    return Kept(
        row.Block,
        row.Slot,
        row.Activity,
        row.Campaign,
        shown(row.org, row.org_en),
        shown(row.county, row.county_en),
    )


def blocks(actor: Actor, *, past: bool, after: str | None) -> Page[Kept]:
    """Return the blocks that are open, or those that have ended; the newest first."""
    which = Block.released_at.is_not(None) if past else OPEN
    query = _WHOLE.where(visible(actor), which)
    page = newest_first(query, [Block.made_at, Block.id], after=after, size=20)
    return Page([kept(row) for row in page.rows], page.after)


def block(uid: str, actor: Actor) -> Kept:
    """Return one of them. Raises NotYours."""
    return whole(find(Block, uid, actor).id)


def whole(block_id: int) -> Kept:
    """Return a block that somebody has been found to see."""
    return kept(db.session.execute(_WHOLE.where(Block.id == block_id)).one())


def behind(code: str) -> Kept:
    """Return the block that a code belongs to, open or not. Raises NotYours."""
    row = db.session.execute(_WHOLE.where(Block.code == code)).first()
    if row is None or row.Campaign.stage not in CURRENT:
        raise NotYours
    return kept(row)


def members(block_id: int, *, after: str | None) -> Page[AnyRow]:
    """Return who sits on the seats of a block: names and where each stands, no contact."""
    query = select(SignUp.id, SignUp.name, SignUp.party, SignUp.state, SignUp.expires_at).where(
        SignUp.block_id == block_id, SignUp.state.not_in(GONE)
    )
    return page_of(query, [SignUp.name, SignUp.id], after=after)


def slots(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the coming slots of a coordinator's counties in which seats are left."""
    query = (
        select(
            Slot.uid,
            Slot.starts_on,
            Slot.place,
            (Slot.capacity - Slot.taken).label("left"),
            Activity.kind,
            in_language(Activity.title, Activity.title_en).label("named"),
            in_language(Campaign.title, Campaign.title_en).label("title"),
            in_language(Area.name, Area.name_en).label("county"),
        )
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(_coming(actor), Slot.taken < Slot.capacity)
    )
    return page_of(query, [Slot.starts_on, Slot.id], after=after, size=20)


def slot(uid: str, actor: Actor) -> AnyRow:
    """Return a slot that a coordinator may keep seats of. Raises NotYours."""
    row = db.session.execute(
        select(Slot, Activity, Campaign, in_language(Area.name, Area.name_en).label("county"))
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(Slot.uid == uid, _coming(actor))
    ).first()
    if row is None:
        raise NotYours
    return row


def _coming(actor: Actor) -> ColumnElement[bool]:
    return (
        in_counties(Slot.county_id, actor.reaches(Role.COORDINATOR))
        & Campaign.stage.in_(CURRENT)
        & (Slot.starts_on > clock.today())
    )


def partners(on: date) -> Sequence[AnyRow]:
    """Return the organisations that seats may be kept for: those with an agreement in force."""
    return db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.name_en)
        .join(Standing, Standing.org_id == Organisation.id)
        .where(Standing.state == State.ACTIVE, Standing.agreement_until >= on)
        .order_by(Organisation.name, Organisation.id)
        .limit(500)
    ).all()
