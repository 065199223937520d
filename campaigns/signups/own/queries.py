"""One's own sign-ups: where each stands and what can be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from icalendar import Calendar, Event, vText
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.seats.rules import LEAVING, UNCONFIRMED, SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.queries import Joining, Offer, offer_of, recruitment_of
from campaigns.signups.readiness.queries import terms
from campaigns.signups.readiness.rules import Terms
from core import clock
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, newest_first
from places.models import Area
from places.queries import shown
from volunteers.queries import progress_of, volunteer_of
from volunteers.rules import Step


@dataclass(frozen=True, slots=True)
class Own:
    """A sign-up as its person sees it."""

    uid: str
    state: SeatState
    party: int
    ahead: int
    """How many parties wait before this one in the queue."""
    expires_at: datetime
    title: str
    slug: str
    offer: Offer

    @property
    def may_confirm(self) -> bool:
        return self.state in UNCONFIRMED and self.expires_at > clock.now()

    @property
    def may_leave(self) -> bool:
        return self.state in LEAVING and self.offer.ends_on >= clock.today()

    @property
    def may_check_in(self) -> bool:
        today = self.offer.starts_on <= clock.today() <= self.offer.ends_on
        return today and self.has_code

    @property
    def has_code(self) -> bool:
        """Whether a leader has a board where the code of this seat leads to."""
        coming = self.state in {SeatState.CONFIRMED, SeatState.ARRIVED}
        return coming and self.offer.together and self.offer.ends_on >= clock.today()


def mine(me: Actor, *, after: str | None) -> Page[Own]:
    """Return somebody's sign-ups, the newest first."""
    page = newest_first(_of(me), [SignUp.created_at, SignUp.id], after=after, size=20)
    return Page([_own(row) for row in page.rows], page.after)


def own(uid: str, me: Actor) -> Own:
    """Return one of somebody's sign-ups. Raises NotYours."""
    row = db.session.execute(_of(me).where(SignUp.uid == uid)).first()
    if row is None:
        raise NotYours
    return _own(row)


def _of(me: Actor) -> AnySelect:
    before = aliased(SignUp)
    ahead = (
        select(func.count())
        .where(
            before.slot_id == SignUp.slot_id,
            before.state == SeatState.WAITING,
            before.ticket < SignUp.ticket,
        )
        .scalar_subquery()
        .label("ahead")
    )
    return (
        select(
            SignUp,
            Slot,
            Activity,
            Campaign,
            Area.name.label("area_name"),
            Area.name_en.label("area_name_en"),
            ahead,
        )
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(SignUp.person_id == me.id)
    )


def _own(row: AnyRow) -> Own:
    campaign = row.Campaign
    return Own(
        row.SignUp.uid,
        row.SignUp.state,
        row.SignUp.party,
        int(row.ahead),
        row.SignUp.expires_at,
        shown(campaign.title, campaign.title_en),
        campaign.slug,
        offer_of(row, recruitment_of(campaign)),
    )


@dataclass(frozen=True, slots=True)
class Todo:
    """How far somebody is with what a slot asks for."""

    done: int
    total: int
    by: date
    """The last day for the rest: then the seat goes to somebody else."""
    now: Step | None
    """The one step that comes next, whoever takes it."""


def todos(me: Actor, rows: Iterable[Own]) -> dict[str, Todo]:
    """Return what is to be done for those of the sign-ups that ask for something, by their uid."""
    asking = [one for one in rows if one.offer.needs and one.may_leave]
    volunteer = volunteer_of(me.id) if asking else None
    if volunteer is None:
        return {}
    steps, today = progress_of(volunteer, clock.today()).steps(), terms()
    return {one.uid: _todo(one, steps, today) for one in asking}


def _todo(one: Own, steps: Sequence[tuple[Step, str]], today: Terms) -> Todo:
    offer = one.offer
    asked = [(step, state) for step, state in steps if step in offer.needs]
    return Todo(
        sum(state == "done" for _step, state in asked),
        len(asked),
        today.last_day(offer.starts_on, offer.ends_on),
        next((step for step, state in asked if state != "done"), None),
    )


def state_at(slot_id: int, me: Actor) -> SeatState | None:
    """Return where somebody's sign-up at a slot stands, None without one."""
    return db.session.scalar(
        select(SignUp.state)
        .where(SignUp.slot_id == slot_id, SignUp.person_id == me.id)
        .order_by(SignUp.id.desc())
        .limit(1)
    )


def ics(wanted: Joining, *, url: str, host: str) -> bytes:
    """Return a slot for a calendar: nothing of anybody who comes."""
    offer = wanted.offer
    event = Event()
    event.add("uid", f"slot-{offer.uid}@{host}")
    event.add("dtstamp", clock.now())
    first, last = offer.span
    event.add("dtstart", first)
    event.add("dtend", last)
    event.add("summary", wanted.title)
    event.add("location", vText(" ".join(filter(None, (offer.county, offer.place)))))
    event.add("url", url)
    calendar = Calendar()
    calendar.add("prodid", "-//Tongxing//campaigns//")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
