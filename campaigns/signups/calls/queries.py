"""Who waits for a call of the county centre, and who has had one."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from accounts.models import Person
from accounts.rules import Actor
from campaigns.models import Activity, Campaign, Slot
from campaigns.seats.rules import UNCONFIRMED
from campaigns.signups.models import SignUp
from campaigns.signups.queries import in_reach, without_a_way_in
from core import clock
from core.db import AnyRow, AnySelect, db
from core.paging import Page, newest_first, page_of
from places.models import Area
from places.queries import in_language


def _to_call(actor: Actor) -> list[ColumnElement[bool]]:
    return [
        SignUp.state.in_(UNCONFIRMED),
        SignUp.email.is_(None),
        SignUp.expires_at > clock.now(),
        in_reach(actor),
    ]


def _rows() -> AnySelect:
    return (
        select(
            SignUp.uid,
            SignUp.name,
            SignUp.phone,
            SignUp.org_text,
            SignUp.created_at,
            SignUp.expires_at,
            SignUp.confirmed_at,
            Activity.kind,
            in_language(Campaign.title, Campaign.title_en).label("campaign"),
            in_language(Area.name, Area.name_en).label("county"),
        )
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
    )


def to_call(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return who is to be called, the one whose seat lapses first on top."""
    return page_of(_rows().where(*_to_call(actor)), [SignUp.expires_at, SignUp.id], after=after)


def count_to_call(actor: Actor) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(SignUp)
            .join(Slot, Slot.id == SignUp.slot_id)
            .where(*_to_call(actor))
        )
        or 0
    )


def called(actor: Actor) -> Sequence[AnyRow]:
    """Return the last ones confirmed by a call who can only sign in by a code."""
    query = _rows().join(Person, Person.id == SignUp.person_id).where(without_a_way_in(actor))
    return newest_first(query, [SignUp.confirmed_at, SignUp.id], after=None, size=10).rows
