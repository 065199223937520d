"""What is written too late: two reminders a visit, then one message a day for all."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from accounts.rules import Role
from core.db import db, transaction
from core.zone import CHINA
from messages.models import Message
from messages.rules import Channel
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import SATURDAY, a_visit
from tests.conftest import SetClock
from tests.test_records import Over, over
from visits.models import Party, Visit
from visits.records.overdue.services import tell
from visits.rules import PartyRole, State

__all__ = ["over"]  # the fixture of its neighbour

pytestmark = pytest.mark.usefixtures("app")
WEDNESDAY = datetime(2026, 12, 2, 9, 30, tzinfo=CHINA)
"""Four days after the visit."""


def told() -> dict[int | None, int]:
    rows = db.session.execute(
        select(Message.person_id, Message.params).where(
            Message.kind == "visit_records_late", Message.channel == Channel.INAPP
        )
    )
    return {row.person_id: row.params["late"] for row in rows}


def another(over: Over, starts_at: datetime) -> Visit:
    """Return a second visit of the same team, also without a record; only the leader came."""
    visit = a_visit(over.pairing, state=State.COMPLETED, starts_at=starts_at)
    with transaction() as session:
        party = session.scalars(
            select(Party).where(Party.visit_id == visit.id, Party.person_id == over.leader.id)
        ).one()
        party.checked_in_at = starts_at
    return visit


def test_several_late_records_are_one_message_a_day(over: Over, set_clock: SetClock) -> None:
    another(over, SATURDAY - timedelta(days=2))
    stranger = a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)
    set_clock(WEDNESDAY)
    assert tell() > 0
    assert tell() == 0
    expected = {over.leader.id: 2, over.other.id: 1, over.coordinator.id: 2}
    assert told().items() >= expected.items()
    assert not {stranger, over.supervisor.id} & set(told())


def test_before_three_days_each_visit_reminds_by_itself(over: Over, set_clock: SetClock) -> None:
    set_clock(WEDNESDAY - timedelta(days=2))
    assert tell() == 0


def test_what_is_written_or_two_weeks_old_is_not_asked_for(over: Over, set_clock: SetClock) -> None:
    another(over, SATURDAY - timedelta(days=30))
    with transaction() as session:
        session.get_one(Visit, over.visit.id).state = State.RECORDED
    set_clock(WEDNESDAY)
    assert tell() == 0


@pytest.mark.parametrize("hour", [8, 21])
def test_nobody_is_told_early_or_late(over: Over, set_clock: SetClock, hour: int) -> None:
    set_clock(WEDNESDAY.replace(hour=hour))
    assert tell() == 0


def test_the_escort_writes_nothing_and_is_told_nothing(over: Over, set_clock: SetClock) -> None:
    set_clock(WEDNESDAY)
    tell()
    escort = select(Party.person_id).where(Party.role == PartyRole.ESCORT)
    assert not set(db.session.scalars(escort)) & set(told())
