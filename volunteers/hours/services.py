"""Crediting hours: once for each piece of service, whoever asks and however often."""

from datetime import date

from accounts.rules import Actor
from core import audit
from core.db import insert_once, transaction
from volunteers.hours.models import HourEntry


def credit(
    volunteer_id: int,
    minutes: int,
    served_on: date,
    *,
    source: str,
    source_ref: str,
    by: Actor,
) -> bool:
    """Credit minutes really served; False when this service has been credited before.

    `source` and `source_ref` name the service (a visit and its uid); joins the caller's
    transaction.
    """
    with transaction():
        made = insert_once(
            HourEntry,
            volunteer_id=volunteer_id,
            minutes=minutes,
            served_on=served_on,
            source=source,
            source_ref=source_ref,
            approved_by_id=by.id,
        )
        if made is not None:
            audit.record("credit_hours", "hour_entry", made, by=by.id)
        return made is not None
