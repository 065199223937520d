"""Until when a seat is kept for somebody in the queue whose turn it is."""

from datetime import datetime, timedelta

from core.zone import CHINA
from messages.rules import QUIET_FROM, QUIET_UNTIL


def offer_until(
    now: datetime, ends_at: datetime, *, longest: timedelta, least: timedelta
) -> datetime | None:
    """Return until when a seat is offered that is of use until `ends_at`; None if it is too late.

    Near the end half of what is left is for the first in the queue and the rest for whoever comes
    after: a seat does not stay empty because one person has not looked. Nobody has to answer at
    night: what would end then ends in the morning. Never shorter than `least`, never after the end.
    """
    left = ends_at - now
    if left < least:
        return None
    if left >= 2 * longest:
        return now + longest
    return min(_by_day(now + max(least, left / 2), least), ends_at)


def _by_day(moment: datetime, least: timedelta) -> datetime:
    """Return a moment of the night moved so far into the morning that one can still answer."""
    local = moment.astimezone(CHINA)
    morning = datetime.combine(local.date(), QUIET_UNTIL, CHINA) + least
    if local.time() >= QUIET_FROM:
        return morning + timedelta(days=1)
    return morning if local.time() < QUIET_UNTIL else moment
