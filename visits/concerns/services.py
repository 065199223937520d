"""Saying that something is worrying: kept and told at once, whatever becomes of the record."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.queries import holders
from accounts.rules import Actor, Role
from core import audit, clock, ids
from core.crypto import sealer
from core.db import insert_once, transaction
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert
from places.models import Area
from visits import queries
from visits.concerns.models import VisitConcern
from visits.concerns.rules import State
from visits.models import Visit
from visits.reminders import services as reminders

KIND = "visit_concern"


def open_draft(uid: str, *, by: Actor) -> None:
    """Say that there is something, without words yet: the safeguarding leads are told at once.

    Once for each person until the words are there. Raises NotYours.
    """
    with transaction():
        stands(queries.seen(uid, by).visit, by)


def stands(visit: Visit, by: Actor) -> None:
    """See to it that somebody's worry about a visit stands, in the caller's transaction."""
    with transaction() as session:
        mine = (VisitConcern.visit_id == visit.id) & (VisitConcern.opened_by_id == by.id)
        known = session.scalar(select(VisitConcern.id).where(mine).limit(1))
        concern = None if known else _draft(visit, by)
        _tell(visit, f"concern-{concern}" if concern else None)


def tell(uid: str, told: str, *, by: Actor) -> None:
    """Put one's worry into words, for the safeguarding leads alone. Raises NotYours.

    A draft of one's own gets them; what has words stays as it is, and more of them stand beside.
    """
    with transaction() as session:
        visit = queries.seen(uid, by).visit
        draft = session.scalar(
            select(VisitConcern)
            .where(
                VisitConcern.visit_id == visit.id,
                VisitConcern.opened_by_id == by.id,
                VisitConcern.state == State.DRAFT,
            )
            .with_for_update()
        )
        concern = draft or VisitConcern(
            uid=ids.uid(), visit_id=visit.id, opened_by_id=by.id, opened_at=clock.now()
        )
        concern.state, concern.raised_at = State.RAISED, clock.now()
        concern.told = sealer().seal(told, place(concern.uid))
        session.add(concern)
        audit.record("incident_told", KIND, concern.uid, by=by.id, fields=["told"])
        _tell(visit, f"told-{concern.uid}")


def looked(uids: Sequence[str], *, by: Actor) -> None:
    """Keep that somebody read what others have told; without that nobody gets the page."""
    with transaction():
        for uid in uids:
            audit.record("incident_read", KIND, uid, by=by.id, fields=["told"])


def place(uid: str) -> str:
    return f"visit_concerns.told/{uid}"


def _draft(visit: Visit, by: Actor) -> str | None:
    """Open a draft; return its uid, None if one is open."""
    uid = ids.uid()
    made = insert_once(
        VisitConcern,
        uid=uid,
        visit_id=visit.id,
        state=State.DRAFT,
        opened_by_id=by.id,
        opened_at=clock.now(),
    )
    if made is None:
        return None
    audit.record("incident_drafted", KIND, uid, by=by.id)
    return uid


def _tell(visit: Visit, name: str | None) -> None:
    """Tell the leads which visit it is, and make it an alert that somebody closes."""
    leads = _leads(visit)
    if name:
        reminders.tell("visit_concern", name, visit, leads)
    kind, county = AlertKind.CONCERN, visit.county_id
    raise_alert(kind, ref=visit.uid, area_id=county, already_told=leads)


def _leads(visit: Visit) -> list[int]:
    """Return the safeguarding leads of the county and of the city above it."""
    with transaction() as session:
        city = session.scalar(select(Area.parent_id).where(Area.id == visit.county_id))
    return [row[0] for row in holders(Role.SAFEGUARDING_LEAD, [visit.county_id, city])]
