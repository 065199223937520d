"""What happens when nobody comes to a visit or nobody reports back from it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, select, update

from accounts.queries import holders
from accounts.rules import SITE, Role
from core import audit, clock
from core.db import transaction
from core.parameters import value_on
from messages.models import Message, Subject
from pairings.intro import services as intro
from pairings.models import Pairing
from visits import queries
from visits.agenda.queries import late
from visits.holds import services as holds
from visits.models import Visit
from visits.reminders import services as reminders
from visits.rules import AHEAD, PartyRole, State

AT_ONCE = 200
NOT_COME, NOT_GONE = "visit_checkin_missing", "visit_checkout_missing"


def raise_alarms() -> int:
    """Tell those responsible of visits whose people have not come or not gone, once each."""
    not_come, not_gone = late()
    found = 0
    with transaction():
        for kind, condition in ((NOT_COME, not_come), (NOT_GONE, not_gone)):
            unheard = _visits(condition & ~_told(kind))
            for visit in unheard:
                reminders.alarm(kind, visit, _responsible(visit))
            found += len(unheard)
    return found


def _told(kind: str) -> ColumnElement[bool]:
    """Return the condition that the alarm has been raised since the visit was to begin."""
    return (
        select(Message.id)
        .join(Subject, Subject.id == Message.subject_id)
        .where(
            Subject.kind == reminders.SUBJECT,
            Subject.ref == Visit.uid,
            Message.kind == kind,
            Message.due_at >= Visit.starts_at,
        )
        .exists()
    )


def give_up() -> int:
    """Close visits that nobody came to a day ago."""
    now = clock.now()
    after = timedelta(hours=value_on("visits.no_show_hours", clock.today()))
    gone = Visit.state.in_(AHEAD) & (Visit.starts_at <= now - after)
    with transaction() as session:
        missed = _visits(gone)
        for visit in missed:
            session.execute(
                update(Visit)
                .where(Visit.id == visit.id)
                .values(state=State.NO_SHOW, version=Visit.version + 1)
            )
            holds.free(visit.id)
            reminders.over(visit)
            intro.called_off(visit.pairing_id)
            audit.record("no_show", "visit", visit.uid, by=SITE.id)
    return len(missed)


def _visits(condition: ColumnElement[bool]) -> Sequence[Visit]:
    """Return the visits to look after, each for this process alone until it commits.

    Its pairing is locked with it, as whoever cancels a visit locks it first.
    """
    with transaction() as session:
        return session.scalars(
            select(Visit)
            .join(Pairing, Pairing.id == Visit.pairing_id)
            .where(condition)
            .order_by(Visit.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True, of=(Pairing, Visit))
        ).all()


def _responsible(visit: Visit) -> list[int]:
    """Return the leader, the escort and the county's coordinators."""
    parties = queries.attendees(visit)
    leaders = [one.person_id for one in parties if one.leads or one.role is PartyRole.ESCORT]
    return leaders + [row[0] for row in holders(Role.COORDINATOR, [visit.county_id])]
