"""Whose boards are to be looked at these days."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select

from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import SlotKind, Timing
from campaigns.signups.day.queries import led_by
from campaigns.signups.day.rules import LIVE
from campaigns.signups.queries import in_reach
from core import clock
from core.db import AnyRow, db
from core.paging import Page, page_of
from places.models import Area

AROUND = timedelta(days=3)


def boards(me: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return the slots of these days whose board is somebody's, the nearest first."""
    query = (
        select(Slot, Activity, Campaign, Area)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(*_near(me, AROUND))
    )
    return page_of(query, [Slot.starts_on, Slot.from_minute, Slot.id], after=after)


def count_today(me: Actor) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Slot)
            .join(Activity, Activity.id == Slot.activity_id)
            .join(Campaign, Campaign.id == Slot.campaign_id)
            .where(*_near(me, timedelta()))
        )
        or 0
    )


def _near(me: Actor, around: timedelta) -> list[ColumnElement[bool]]:
    """Return the conditions of slots that people come to together, within so many days."""
    today = clock.today()
    return [
        Slot.starts_on <= today + around,
        Slot.ends_on >= today - around,
        Campaign.stage.in_(LIVE),
        or_(Activity.timing == Timing.FIXED, Activity.kind == SlotKind.GROUP_ACTIVITY),
        or_(in_reach(me), led_by(me)),
    ]
