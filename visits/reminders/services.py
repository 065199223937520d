"""The messages about a visit, planned and taken back together with the visit itself.

Their text is the time, the visit's number and a link: never the child, the village, the school
or where to meet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core import clock
from core.db import transaction
from core.zone import CHINA
from messages import services as messages
from messages.models import Message, Subject
from messages.rules import TOLD
from messages.services import Notice
from visits.answers.rules import minute_of
from visits.labels import number
from visits.models import Party, Visit
from visits.queries import Attendee
from visits.reminders.rules import AT_NIGHT, CORRECTED_UNTIL, Reminder, after, before
from visits.rules import AHEAD, OPEN, PartyRole

SUBJECT = "visit"
TOLD_FOR = timedelta(days=3)
ASKING = frozenset({"visit_t7d", "visit_t2d", "visit_t2h"})
"""Reminders that can be answered with one tap."""


@dataclass(frozen=True, slots=True)
class Before:
    """When a visit was to be, and with whom, before it was moved."""

    starts_at: datetime
    people: frozenset[int]


def planned(visit: Visit, parties: Sequence[Attendee]) -> None:
    """Plan every reminder of a new visit."""
    messages.open_subject(SUBJECT, visit.uid)
    messages.plan(list(_reminders(visit, parties)))


def moved(visit: Visit, parties: Sequence[Attendee], was: Before) -> None:
    """Plan the reminders anew; whoever has been told the old time is told the new one."""
    people = (was.people | {one.person_id for one in parties}) - _reminded_already(visit)
    messages.change(
        SUBJECT,
        visit.uid,
        list(_reminders(visit, parties)),
        correction=_corrections("visit_moved", visit, people, was.starts_at),
    )


def renewed(visit: Visit, parties: Sequence[Attendee]) -> None:
    """Plan the reminders anew for those who are left; the time stands, so nobody is corrected."""
    messages.change(SUBJECT, visit.uid, list(_reminders(visit, parties)))


def cancelled(visit: Visit, parties: Sequence[Attendee]) -> None:
    """Take every reminder back; whoever has been told of the visit is told that it is off."""
    people = {one.person_id for one in parties}
    off = ("visit_cancelled", visit)
    messages.close(SUBJECT, visit.uid, correction=_corrections(*off, people, visit.starts_at))
    messages.plan(_corrections(*off, people & _told_by_another(visit), visit.starts_at))


def over(visit: Visit) -> None:
    """Take back what is still to be said: the record is written, or nobody came."""
    messages.close(SUBJECT, visit.uid)


def alarm(kind: str, visit: Visit, people: Iterable[int]) -> None:
    """Say at once, at night too, that somebody has to look after the visit; once a person."""
    now = clock.now()
    messages.open_subject(SUBJECT, visit.uid)
    # the start and not the version: a late confirmation is no reason to raise the alarm again
    reminder = Reminder(kind, f"{kind}/{visit.starts_at:%m%d%H%M}", now, now + TOLD_FOR)
    messages.plan(
        [
            _notice(reminder, visit, person_id, urgent=True, version=0, after_close=True)
            for person_id in sorted(set(people))
        ]
    )


def tell(kind: str, name: str, visit: Visit, people: Iterable[int]) -> None:
    """Say something about the record of a visit whose reminders are over."""
    now, urgent = clock.now(), kind == "visit_concern"
    reminder = Reminder(kind, name, now, now + TOLD_FOR)
    messages.plan(
        [
            _notice(reminder, visit, person_id, urgent=urgent, about=None)
            for person_id in sorted(set(people))
        ]
    )


def _reminders(visit: Visit, parties: Sequence[Attendee]) -> Iterator[Notice]:
    now = clock.now()
    leaders = [one for one in parties if one.leads]
    writers = leaders or [one for one in parties if one.role is PartyRole.MEMBER]
    told = _reminded_already(visit)
    new = [one for one in parties if one.person_id not in told]
    for people, reminders in ((new, before(visit.starts_at)), (writers, after(visit.ends_at))):
        for reminder in reminders:
            if reminder.expire_at > now:
                yield from (_notice(reminder, visit, one.person_id) for one in people)


def _reminded_already(visit: Visit) -> frozenset[int]:
    """Return who hears of this visit by an earlier one that is made together with it."""
    if visit.joined_id is None:
        return frozenset()
    with transaction() as session:
        found = session.scalars(
            select(Party.person_id)
            .join(Visit, Visit.id == Party.visit_id)
            .where(Visit.joined_id == visit.joined_id, Visit.id < visit.id, Visit.state.in_(AHEAD))
        )
        return frozenset(found)


def _told_by_another(visit: Visit) -> frozenset[int]:
    """Return who has been told of this visit by an earlier one that is made together with it.

    They have to hear that one child does not come, although nothing was said about its visit alone.
    """
    if visit.joined_id is None:
        return frozenset()
    with transaction() as session:
        found = session.scalars(
            select(Message.person_id)
            .join(Subject, Subject.id == Message.subject_id)
            .join(Visit, Subject.ref == Visit.uid)
            .where(
                Subject.kind == SUBJECT,
                Visit.joined_id == visit.joined_id,
                Visit.id < visit.id,
                Visit.state.in_(OPEN),
                Message.state.in_(TOLD),
                Message.person_id.is_not(None),
            )
        )
        return frozenset(one for one in found if one is not None)


def _corrections(
    kind: str, visit: Visit, people: Iterable[int], old_start: datetime
) -> list[Notice]:
    now = clock.now()
    reminder = Reminder(kind, kind, now, max(old_start, now) + CORRECTED_UNTIL)
    near = min(old_start, visit.starts_at) - now < AT_NIGHT
    return [
        _notice(reminder, visit, person_id, urgent=near, after_close=True)
        for person_id in sorted(people)
    ]


def _notice(
    reminder: Reminder,
    visit: Visit,
    person_id: int,
    *,
    urgent: bool = False,
    after_close: bool = False,
    about: str | None = SUBJECT,
    version: int | None = None,
) -> Notice:
    stamp = visit.version if version is None else version
    start, end = (moment.astimezone(CHINA) for moment in (visit.starts_at, visit.ends_at))
    return Notice(
        kind=reminder.kind,
        key=f"visit/{visit.uid}/{reminder.name}/{person_id}/{stamp}",
        params={
            "uid": visit.uid,
            "number": number(visit.id),
            "when": f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}",
            **_answerable(reminder.kind, visit, person_id),
        },
        due_at=reminder.due_at,
        expire_at=reminder.expire_at,
        person_id=person_id,
        subject=(about, visit.uid) if about else None,
        after_close=after_close,
        urgent=urgent,
    )


def _answerable(kind: str, visit: Visit, person_id: int) -> dict[str, Any]:
    """Return what the link of a reminder is made of when its text is (visits.answers)."""
    if kind not in ASKING:
        return {}
    return {"answer": {"person": person_id, "minute": minute_of(visit.starts_at)}}
