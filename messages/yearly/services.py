"""Reminders of what is due once a year."""

from datetime import datetime, time, timedelta

from accounts.audit.queries import holding, year_awaiting_its_package
from accounts.audit.rules import due_on, reminder_on
from accounts.rules import Role
from core import clock
from core.parameters import values_on
from core.zone import CHINA
from messages.services import Notice, plan

KIND = "audit_package_due"


def remind() -> int:
    """Tell data-protection officers in January that the package of the past year is due."""
    today = clock.today()
    values = values_on(today)
    due = due_on(today, values["audit.due_day"])
    day = reminder_on(today, values["audit.reminder_days"], due)
    year = year_awaiting_its_package() if day else None
    if day is None or year is None:
        return 0
    due_at = datetime.combine(day, time(9), CHINA)
    expire_at = datetime.combine(due + timedelta(days=1), time(), CHINA)
    return plan(
        [
            Notice(
                kind=KIND,
                key=f"{KIND}/{year}/{day.day}/{officer.id}",
                params={"year": year, "due": due.isoformat()},
                due_at=due_at,
                expire_at=expire_at,
                person_id=officer.id,
            )
            for officer in holding(Role.DPO)
        ]
    )
