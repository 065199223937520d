"""Raising the alarm when somebody opens a file that nobody has a reason to open."""

from sqlalchemy import select

from accounts.rules import Actor
from children.access.decoys.models import DecoyChild
from children.models import Child
from core.db import transaction
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert


def touched(child: Child, *, by: Actor) -> None:
    """Raise the alarm if the file is a decoy, in the caller's transaction and once a day."""
    with transaction() as session:
        is_decoy = select(DecoyChild.child_id).where(DecoyChild.child_id == child.id)
        if session.scalar(is_decoy) is not None:
            raise_alert(
                AlertKind.DECOY_OPENED, ref=child.uid, area_id=child.county_id, about_id=by.id
            )
