"""Reading slots that people join, and whose sign-ups a coordinator answers for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from accounts.models import Person
from accounts.rules import Actor, Role
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import PUBLIC, Door, Recruitment, SlotKind, SlotRole, Timing, lines
from campaigns.seats.rules import KEPT, Seats, SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.readiness.queries import needs_of
from core import clock
from core.db import AnyRow, db, hold
from core.errors import NotYours
from core.scopes import scope
from core.zone import CHINA
from places.models import Area
from places.queries import shown
from places.rules import Level
from volunteers.models import Volunteer
from volunteers.rules import Step


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot as somebody who wants to join sees it."""

    uid: str
    county_id: int
    county: str
    kind: SlotKind
    starts_on: date
    ends_on: date
    left: int
    door: Door
    seats: Seats
    role: SlotRole
    title: str
    """What the activity is called, where it has a name of its own."""
    place: str
    minutes: tuple[int, int]
    hours: str
    """From when to when, where the hours are fixed."""
    changeover: int
    """Minutes that somebody needs before another slot elsewhere."""
    needs: frozenset[Step]
    """What has to be done before one may come."""

    @property
    def together(self) -> bool:
        """Whether people meet there at a common time, and a board tells who is there."""
        return bool(self.hours) or self.kind is SlotKind.GROUP_ACTIVITY

    @property
    def span(self) -> tuple[date | datetime, date | datetime]:
        """When it begins and ends: moments where the hours are fixed, else days, the last out."""
        if not self.hours:
            return self.starts_on, self.ends_on + timedelta(days=1)
        return at(self.starts_on, self.minutes[0]), at(self.ends_on, self.minutes[1])


def at(day: date, minute: int) -> datetime:
    """Return the moment so many minutes after midnight in China."""
    return datetime.combine(day, time(), CHINA) + timedelta(minutes=minute)


def offer_of(row: AnyRow, recruitment: Recruitment) -> Offer:
    """Return a row of slot and area columns as an offer of today."""
    today = clock.today()
    slot: Slot = row.Slot
    activity: Activity = row.Activity
    left = slot.capacity - slot.taken
    door = recruitment.door(today, left) if slot.ends_on >= today else Door.CLOSED
    fixed = activity.timing is Timing.FIXED
    return Offer(
        uid=slot.uid,
        county_id=slot.county_id,
        county=shown(row.area_name, row.area_name_en),
        kind=activity.kind,
        starts_on=slot.starts_on,
        ends_on=slot.ends_on,
        left=left,
        door=door,
        seats=seats_of(slot, door),
        role=slot.role,
        title=shown(activity.title, activity.title_en),
        place=slot.place,
        minutes=(slot.from_minute, slot.until_minute),
        hours=f"{_clock(slot.from_minute)}–{_clock(slot.until_minute)}" if fixed else "",
        changeover=slot.changeover,
        needs=needs_of(slot),
    )


def seats_of(slot: Slot | AnyRow, door: Door) -> Seats:
    """Return what a slot says about its seats."""
    return Seats(
        door,
        slot.capacity,
        slot.taken,
        slot.most_party,
        max(0, slot.least_women - slot.women),
        max(0, slot.least_experienced - slot.experienced),
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@dataclass(frozen=True, slots=True)
class Joining:
    """A slot with its campaign, for the page where somebody gives their name."""

    offer: Offer
    campaign: Campaign
    slot_id: int
    waiting: int
    """How many wait in the queue already."""
    area: Area
    """The county of the slot."""

    @property
    def seats(self) -> Seats:
        return self.offer.seats

    @property
    def title(self) -> str:
        return shown(self.campaign.title, self.campaign.title_en)

    @property
    def risks(self) -> list[str]:
        return lines(shown(self.campaign.risks, self.campaign.risks_en))


@dataclass(frozen=True, slots=True)
class Standing:
    """What taking a seat asks of a slot, and no more."""

    slot_id: int
    seats: Seats
    next_ticket: int
    needs: frozenset[Step]
    starts_on: date
    ends_on: date
    block_id: int | None = None
    """Whose seats these are, where they are kept for a group."""
    named: AnyRow | None = None
    """What campaign and county are called, where that has been read along with it."""


_UID = Slot.uid == bindparam("uid")
_SLOT = select(Slot.id).where(_UID)
_STANDING = (
    select(
        Slot.id,
        Slot.capacity,
        Slot.taken,
        Slot.queued,
        Slot.most_party,
        Slot.least_women,
        Slot.women,
        Slot.least_experienced,
        Slot.experienced,
        Slot.starts_on,
        Slot.ends_on,
        Slot.with_children,
        Slot.trained,
        Slot.screened,
        Campaign.stage,
        Campaign.recruit_from,
        Campaign.recruit_until,
        Campaign.title,
        Campaign.title_en,
        Area.name,
        Area.name_en,
    )
    .join(Campaign, Campaign.id == Slot.campaign_id)
    .join(Area, Area.id == Slot.county_id)
    .where(_UID, Campaign.stage.in_(PUBLIC))
)


def standing(slot_uid: str) -> Standing:
    """Return how a slot of a public campaign stands, and hold it so. Raises NotYours."""
    hold(_SLOT, uid=slot_uid)
    row = db.session.connection().execute(_STANDING, {"uid": slot_uid}).first()
    if row is None:
        raise NotYours
    today = clock.today()
    recruitment = Recruitment(row.stage, row.recruit_from, row.recruit_until)
    left = row.capacity - row.taken
    door = recruitment.door(today, left) if row.ends_on >= today else Door.CLOSED
    return Standing(
        slot_id=row.id,
        seats=seats_of(row, door),
        next_ticket=row.queued + 1,
        needs=needs_of(row),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        named=row,
    )


def joining(slot_uid: str) -> Joining:
    """Return a slot of a public campaign. Raises NotYours."""
    row = db.session.execute(
        select(
            Slot,
            Activity,
            Campaign,
            Area,
            Area.name.label("area_name"),
            Area.name_en.label("area_name_en"),
            select(func.count())
            .where(SignUp.slot_id == Slot.id, SignUp.state == SeatState.WAITING)
            .scalar_subquery()
            .label("waiting"),
        )
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(Slot.uid == slot_uid, Campaign.stage.in_(PUBLIC))
    ).first()
    if row is None:
        raise NotYours
    offer = offer_of(row, recruitment_of(row.Campaign))
    return Joining(offer, row.Campaign, row.Slot.id, int(row.waiting), row.Area)


def recruitment_of(campaign: Campaign) -> Recruitment:
    return Recruitment(campaign.stage, campaign.recruit_from, campaign.recruit_until)


def _own_counties(actor: Actor) -> list[int]:
    return [
        reach.area_id for reach in actor.reaches(Role.COORDINATOR) if reach.level is Level.COUNTY
    ]


@scope(SignUp)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a sign-up is for a county the coordinator answers for."""
    return SignUp.slot_id.in_(select(Slot.id).where(in_reach(actor)))


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a slot is in a county the coordinator answers for."""
    return Slot.county_id.in_(_own_counties(actor))


def without_a_way_in(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a code is the only way in for whoever was called.

    For sign-ups joined with their persons: volunteers of the coordinator's own counties.
    """
    own = select(Volunteer.person_id).where(Volunteer.county_id.in_(_own_counties(actor)))
    return and_(
        SignUp.state.in_(KEPT),
        SignUp.email.is_(None),
        Person.phone == SignUp.phone,
        Person.password_hash.is_(None),
        Person.disabled_at.is_(None),
        Person.id.in_(own),
    )
