"""When people are reminded of a visit (reminders.md §4.5). Nothing here reads a clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from core.zone import CHINA

AT_TEN = time(10)
CORRECTED_UNTIL = timedelta(hours=1)
AT_NIGHT = timedelta(hours=12)
"""A change this near is told at once, even at night: the next morning would be too late."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message to plan: what it says, when it is due and until when it makes sense.

    `name` tells two reminders of one kind apart.
    """

    kind: str
    name: str
    due_at: datetime
    expire_at: datetime


def before(starts_at: datetime) -> Iterator[Reminder]:
    """Return the reminders to everybody who takes part."""
    week_before = (starts_at - timedelta(days=7)).astimezone(CHINA).date()
    at_ten = datetime.combine(week_before, AT_TEN, CHINA)
    two_days, two_hours = starts_at - timedelta(days=2), starts_at - timedelta(hours=2)
    yield Reminder("visit_t7d", "t7d", at_ten, two_days)
    yield Reminder("visit_t2d", "t2d", two_days, starts_at - timedelta(hours=3))
    yield Reminder("visit_t2h", "t2h", two_hours, starts_at - timedelta(minutes=20))


def after(ends_at: datetime) -> Iterator[Reminder]:
    """Return the reminders to whoever writes the record, until there is one."""
    day = timedelta(days=1)
    yield Reminder("visit_record_due", "due1", ends_at + day, ends_at + 2 * day)
    yield Reminder("visit_record_due", "due2", ends_at + 2 * day, ends_at + 3 * day)
