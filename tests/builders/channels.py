"""Vendors' channels that are set up, and ways to people, for tests."""

import json
from typing import Any

from sqlalchemy import select

from core import clock, ids
from core.crypto import sealer
from core.db import db
from messages.channels.models import ChannelSetting
from messages.channels.needs import NEEDS
from messages.contacts.models import ContactPoint
from messages.rules import Channel
from tests.factories import saved

SECRET = "canary-of-a-secret"
"""Part of everything sealed of an account: nothing may ever show it."""
KNOWN = {
    **{name: f"{SECRET}-{name}" for names in NEEDS.values() for name in names},
    "agent_id": "1000002",
    "templates": "* = SMS_1 time:when code:number",
}


def a_channel(channel: Channel, **given: Any) -> ChannelSetting:
    """Return a vendor's channel that is filled in and on, unless a test says otherwise."""
    known = {name: KNOWN[name] for name in NEEDS[channel]} | given.pop("known", {})
    uid = ids.uid()
    sealed = sealer().seal(json.dumps(known), f"channel_settings.secrets/{uid}")
    fields: dict[str, Any] = {"uid": uid, "channel": channel, "enabled": True, "secrets": sealed}
    return saved(ChannelSetting(**fields | {"set_at": clock.now()} | given))


def a_contact(person_id: int, channel: Channel, address: str | None, **given: Any) -> ContactPoint:
    """Return a proved way to somebody."""
    uid = ids.uid()
    sealed = sealer().seal(address, f"contact_points.address/{uid}") if address else None
    fields: dict[str, Any] = {"uid": uid, "person_id": person_id, "channel": channel}
    fields |= {"address": sealed, "verified_at": clock.now()}
    return saved(ContactPoint(**fields | given))


def the_contact(person_id: int, channel: Channel) -> ContactPoint:
    db.session.rollback()
    return db.session.scalars(
        select(ContactPoint).where(
            ContactPoint.person_id == person_id, ContactPoint.channel == channel
        )
    ).one()
