"""Raising the alarm when somebody opens a file that nobody has a reason to open."""

from sqlalchemy import select

from accounts.rules import Actor, Role
from children.access.decoys.models import DecoyChild
from children.models import Child
from core.db import transaction
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert

LOOKING_INTO = (Role.SAFEGUARDING_LEAD, Role.CITY_COORDINATOR, Role.AUDITOR)
"""Whom an alert or a check of the audit leads to a child's log: theirs is no alarm."""


def touched(child: Child, *, by: Actor) -> None:
    """Raise the alarm if the file is a decoy, in the caller's transaction and once a day."""
    with transaction() as session:
        is_decoy = select(DecoyChild.child_id).where(DecoyChild.child_id == child.id)
        if session.scalar(is_decoy) is not None:
            _alarm(child.uid, child.county_id, by)


def touched_by_id(child_id: int, *, by: Actor) -> str:
    """Do the same for a child known by its id, in one query; return its uid."""
    with transaction() as session:
        row = session.execute(
            select(Child.uid, Child.county_id, DecoyChild.child_id)
            .outerjoin(DecoyChild, DecoyChild.child_id == Child.id)
            .where(Child.id == child_id)
        ).one()
        if row.child_id is not None:
            _alarm(row.uid, row.county_id, by)
    return str(row.uid)


def log_opened(uid: str, county_id: int | None, *, by: Actor) -> None:
    """Raise the alarm when somebody opens a decoy's log who looks into no alert.

    `county_id` is the decoy's; a file that is none has none.
    """
    if county_id is not None and not by.has(*LOOKING_INTO):
        _alarm(uid, county_id, by)


def _alarm(uid: str, county_id: int, by: Actor) -> None:
    raise_alert(AlertKind.DECOY_OPENED, ref=uid, area_id=county_id, about_id=by.id)
