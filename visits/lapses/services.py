"""What happens when nobody comes to a visit or nobody reports back from it."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import aliased

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
from visits.agenda.rules import Late
from visits.holds import services as holds
from visits.models import Visit
from visits.reminders import services as reminders
from visits.rules import AHEAD, PartyRole, State

AT_ONCE = 200


def raise_alarms() -> int:
    """Tell of visits whose people have not come, not gone, or still not gone; each step once."""
    found = 0
    with transaction():
        for kind, (how, whom) in STEPS.items():
            unheard = _visits(late(how) & ~_told(kind))
            told: set[tuple[int, int]] = set()
            for visit in unheard:
                new = {(visit.occasion, one) for one in whom(visit)} - told
                told |= new
                reminders.alarm(kind, visit, [one for _occasion, one in new])
            found += len(unheard)
    return found


def _told(kind: str) -> ColumnElement[bool]:
    """Return the condition that the alarm has been raised since the visit was to begin.

    Of visits that are made together one alarm is everybody's.
    """
    told_of = aliased(Visit)
    return (
        select(Message.id)
        .join(Subject, Subject.id == Message.subject_id)
        .join(told_of, told_of.uid == Subject.ref)
        .where(
            Subject.kind == reminders.SUBJECT,
            or_(told_of.id == Visit.id, told_of.joined_id == Visit.joined_id),
            Message.kind == kind,
            Message.due_at >= Visit.starts_at,
        )
        .correlate(Visit)
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
    return [one.person_id for one in queries.attendees(visit) if one.leads] + _called(visit)


def _called(visit: Visit) -> list[int]:
    """Return the escort and the county's coordinators."""
    escorts = [one for one in queries.attendees(visit) if one.role is PartyRole.ESCORT]
    coordinators = [row[0] for row in holders(Role.COORDINATOR, [visit.county_id])]
    return [one.person_id for one in escorts] + coordinators


def _still_there(visit: Visit) -> list[int]:
    """Return who has not checked out, and the leader, who can do it for the others."""
    return [
        one.person_id
        for one in queries.attendees(visit)
        if one.leads or (one.checked_in_at and not one.checked_out_at)
    ]


STEPS: dict[str, tuple[Late, Callable[[Visit], list[int]]]] = {
    "visit_checkin_missing": (Late.NOT_COME, _responsible),
    "visit_checkout_due": (Late.NOT_GONE, _still_there),
    "visit_checkout_missing": (Late.ESCALATED, _called),
}
"""What is said of a visit that is late, and to whom (domain.md §3.3)."""
