"""When the site works while a demonstration plays ahead. Nothing here reads a clock."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from core.zone import CHINA

EVERY = timedelta(minutes=95)
"""Shorter than the shortest time within which a reminder makes sense (two hours before a visit,
until twenty minutes before), so that none is too late only because time was played fast."""
DAWN, DUSK = time(6), time(22, 30)
"""Between these nothing is due that cannot wait for the morning; one look at night is enough."""
LONGEST = timedelta(days=400)


def moments(since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield when the site works between two moments, the last one included."""
    now = since
    while now < until:
        now = min(_next(now), until)
        yield now


def _next(now: datetime) -> datetime:
    local = (now + EVERY).astimezone(CHINA)
    if DAWN <= local.time() <= DUSK:
        return now + EVERY
    at_night = local.time() > DUSK
    day = local.date() + timedelta(days=1 if at_night else 0)
    dawn = datetime.combine(day, DAWN, CHINA)
    return max(dawn.astimezone(now.tzinfo), now + timedelta(minutes=1))


def new_day(now: datetime, before: datetime) -> bool:
    """Whether it is another day than before, as people in China count it."""
    return now.astimezone(CHINA).date() != before.astimezone(CHINA).date()
