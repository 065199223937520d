"""What the link of a question leads to, and who has answered neither of two."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import CURRENT
from campaigns.seats.rules import SeatState
from campaigns.signups.day.queries import hours_of
from campaigns.signups.day.rules import LIVE, Hours
from campaigns.signups.models import SignUp
from campaigns.signups.promises.rules import PATIENCE
from campaigns.signups.queries import in_reach
from core import clock, ids
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, page_of
from places.models import Area
from places.queries import shown


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page behind its link shows it."""

    name: str
    state: SeatState
    promised_at: datetime | None
    hours: Hours
    current: bool
    live: bool
    """Whether people are noted on the campaign's days."""
    campaign: str
    slug: str
    county: str
    place: str
    slot_uid: str

    @property
    def open(self) -> bool:
        """Whether there is still something to answer."""
        before = clock.now() < self.hours.begins_at
        return self.current and before and self.state is SeatState.CONFIRMED

    @property
    def may_check_in(self) -> bool:
        """Whether the day's code can be typed behind this link."""
        coming = self.state in {SeatState.CONFIRMED, SeatState.ARRIVED}
        return coming and self.live and self.hours.notes_on(clock.today())


def asked(secret: str) -> Asked:
    """Return the question that a link leads to. Raises NotYours."""
    row = db.session.execute(
        select(SignUp, Slot, Activity, Campaign, Area)
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(SignUp.promise_hash == ids.digest(secret))
    ).first()
    if row is None:
        raise NotYours
    return Asked(
        row.SignUp.name,
        row.SignUp.state,
        row.SignUp.promised_at,
        hours_of(row.Slot, row.Activity),
        row.Campaign.stage in CURRENT,
        row.Campaign.stage in LIVE,
        shown(row.Campaign.title, row.Campaign.title_en),
        row.Campaign.slug,
        shown(row.Area.name, row.Area.name_en),
        row.Slot.place,
        row.Slot.uid,
    )


def _at_risk(me: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions of a seat that may stay empty: asked twice and nothing said.

    Whoever has no mailbox is called at once.
    """
    waited = SignUp.asked_at <= clock.now() - PATIENCE
    return [
        in_reach(me),
        Slot.starts_on >= clock.today(),
        Campaign.stage.in_(CURRENT),
        SignUp.state == SeatState.CONFIRMED,
        SignUp.promised_at.is_(None),
        SignUp.asked == 2,
        or_(waited, SignUp.email.is_(None)),
    ]


def at_risk(me: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return whom the coordinator should call, the slot that begins first on top."""
    query = (
        select(SignUp, Slot, Activity, Campaign, Area)
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(*_at_risk(me))
    )
    return page_of(query, [Slot.starts_on, Slot.from_minute, SignUp.id], after=after)


def count_at_risk(me: Actor) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(SignUp)
            .join(Slot, Slot.id == SignUp.slot_id)
            .join(Campaign, Campaign.id == Slot.campaign_id)
            .where(*_at_risk(me))
        )
        or 0
    )
