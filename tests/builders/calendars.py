"""School times, private calendars and busy times for tests."""

from datetime import datetime, timedelta
from typing import Any

from core import clock, ids
from places.days.models import SchoolTime
from places.days.rules import TimeKind
from tests.factories import a_number, saved
from visits.busy.models import BusyTime
from visits.feeds.models import CalendarFeed
from visits.feeds.rules import Reach


def a_school_time(area_id: int, **given: Any) -> SchoolTime:
    """Return a term of a county's schools that has begun and goes on for some weeks."""
    today = clock.today()
    fields = {
        "kind": TimeKind.TERM,
        "area_id": area_id,
        "name": f"样例学期{a_number()}",
        "first_day": today - timedelta(days=60),
        "last_day": today + timedelta(days=60),
        "source": "样例校历",
    }
    return saved(SchoolTime(**fields | given))


def a_feed(person_id: int, **given: Any) -> tuple[CalendarFeed, str]:
    """Return a private calendar and the path that opens it."""
    secret = ids.token()
    fields = {
        "person_id": person_id,
        "name": "手机",
        "reach": Reach.MINE,
        "token_hash": ids.digest(secret),
    }
    return saved(CalendarFeed(**fields | given)), f"/calendar/{secret}.ics"


def a_busy_time(person_id: int, start: datetime, hours: float = 1.0) -> BusyTime:
    ends = start + timedelta(hours=hours)
    return saved(BusyTime(person_id=person_id, starts_at=start, ends_at=ends))
