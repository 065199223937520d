"""Records that nobody has written: after the reminders of each visit, one message a day for all.

Source: reminders.md §4.5 (record due: until 72 h, then merged in the daily digest).
"""

from collections import Counter
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select

from accounts.models import Person
from accounts.queries import holders
from accounts.rules import Role
from core import clock
from core.db import transaction
from core.zone import CHINA
from messages.models import Message
from messages.services import Notice, plan
from visits.models import Party, Visit
from visits.rules import PartyRole, State

KIND = "visit_records_late"
AT_NINE, TOLD_FOR = time(9), timedelta(hours=11)
LATE, GIVEN_UP = timedelta(hours=72), timedelta(days=14)
"""Since the end of the visit: when the daily message begins, and when it has been said enough."""


def tell() -> int:
    """Plan today's message for whoever has records to write or to ask for; return how many."""
    due = datetime.combine(clock.today(), AT_NINE, CHINA)
    if not due <= clock.now() < due + TOLD_FOR:
        return 0
    with transaction() as session:
        told = select(Message.id).where(Message.kind == KIND, Message.due_at == due)
        if session.scalar(told.limit(1)) is not None:
            return 0
        late = _writers() + _coordinators()
        return plan([_notice(person_id, number, due) for person_id, number in sorted(late.items())])


def _is_late() -> ColumnElement[bool]:
    now = clock.now()
    ended = Visit.ends_at.between(now - GIVEN_UP, now - LATE)
    return (Visit.state == State.COMPLETED) & ended


def _writers() -> Counter[int]:
    """Return how many records each of those who were there owes, by their person's id."""
    with transaction() as session:
        rows = session.execute(
            select(Party.person_id, func.count(Visit.id))
            .join(Visit, Visit.id == Party.visit_id)
            .join(Person, Person.id == Party.person_id)
            .where(
                _is_late(),
                Party.role == PartyRole.MEMBER,
                Party.checked_in_at.is_not(None),
                Person.disabled_at.is_(None),
            )
            .group_by(Party.person_id)
        )
        return Counter({row[0]: row[1] for row in rows})


def _coordinators() -> Counter[int]:
    """Return how many records are late in the counties of each coordinator."""
    with transaction() as session:
        rows = session.execute(
            select(Visit.county_id, func.count(Visit.id))
            .where(_is_late())
            .group_by(Visit.county_id)
        )
        late = {row[0]: row[1] for row in rows}
    found: Counter[int] = Counter()
    for person_id, _name, county_id in holders(Role.COORDINATOR, late):
        found[person_id] += late[county_id or 0]
    return found


def _notice(person_id: int, number: int, due: datetime) -> Notice:
    return Notice(
        kind=KIND,
        key=f"records-late/{due:%Y-%m-%d}/{person_id}",
        params={"late": number},
        due_at=due,
        expire_at=due + TOLD_FOR,
        person_id=person_id,
    )
