"""Wishes and claims for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from campaigns.models import Campaign
from campaigns.seats.rules import SeatState
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.rules import HERE, Ages, WishState
from campaigns.wishes.telling.services import hashes_of
from core import clock, ids
from core.db import db, transaction
from places.models import Area, Organisation
from places.rules import OrgKind
from tests.builders.campaigns import a_campaign
from tests.builders.people import a_person
from tests.builders.places import an_organisation
from tests.factories import a_number, saved


def a_centre(county: Area) -> Organisation:
    """Return the centre of a county, a new one if need be."""
    found = db.session.scalars(
        select(Organisation).filter_by(kind=OrgKind.CENTER, area_id=county.id)
    ).first()
    return found or an_organisation(OrgKind.CENTER, area=county)


def a_wish(campaign: Campaign | None = None, county: Area | None = None, **given: Any) -> Wish:
    """Return a public wish of the county's centre, looked at by two people."""
    campaign = campaign or a_campaign()
    county = county or db.session.get_one(Area, campaign.area_id)
    fields = {
        "campaign_id": campaign.id,
        "centre_id": a_centre(county).id,
        "code": f"{a_number():04}"[-4:],
        "item": "冬天的棉鞋",
        "item_en": "Warm winter shoes",
        "size": "33 码",
        "ages": Ages.FROM_9,
        "estimate": 80,
        "capacity": 1,
        "state": WishState.OPEN,
    }
    fields |= given
    if "written_by_id" not in fields:
        fields["written_by_id"] = a_person().id
    if fields["state"] is WishState.OPEN and "approved_by_id" not in fields:
        fields["approved_by_id"] = a_person().id
    return saved(Wish(**fields))


def a_claim(wish: Wish | None = None, *, secret: str = "", **given: Any) -> WishClaim:
    """Return a claim that waits for its link to be used; the wish is kept for it.

    `secret` is what the link carries; give `phone` and no e-mail for one that waits for a call.
    """
    wish, number, now = wish or a_wish(), a_number(), clock.now()
    phone, email = given.pop("phone", None), given.pop("email", None)
    if not (phone or email):
        email = f"d{number}@example.org"
    state = given.get("state", SeatState.HELD)
    fields: dict[str, Any] = {
        "wish_id": wish.id,
        "contact": phone or email,
        "phone": phone,
        "email": email,
        "name": f"样例认领{number}",
        "state": state,
        "expires_at": now + timedelta(hours=48),
        **hashes_of(secret or ids.token()),
    }
    if state is not SeatState.HELD:
        fields |= {"confirmed_at": now, "expires_at": now + timedelta(days=14)}
    if state in HERE:
        fields |= {"arrived_at": now, "arrived_by_id": a_person().id}
    if state is SeatState.COMPLETED:
        fields |= {"completed_at": now, "completed_by_id": a_person().id}
    claim = WishClaim(**fields | given)
    with transaction() as session:
        if state in {SeatState.HELD, SeatState.CONFIRMED, *HERE}:
            session.get_one(Wish, wish.id).taken = 1
        session.add(claim)
    return claim
