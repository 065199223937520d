"""The life of a message (reminders.md §4.2). Nothing here reads a clock or a database."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from core.zone import CHINA

QUIET_FROM, QUIET_UNTIL, EVENING_BEFORE = time(21, 0), time(8, 0), time(20, 30)
"""When nobody is disturbed from outside the site (domain.md §6)."""
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120))


class State(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    DEAD = "dead"


class Channel(StrEnum):
    """The ways to somebody. The inbox is the record; the others carry it (reminders.md §1)."""

    INAPP = "inapp"
    EMAIL = "email"
    ALIYUN_SMS = "aliyun_sms"
    TENCENT_SMS = "tencent_sms"
    WECOM = "wecom"
    WECHAT = "wechat"
    DINGTALK = "dingtalk"
    CONSOLE = "console"
    FILE = "file"


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


OPEN = frozenset({State.PENDING, State.CLAIMED})
TOLD = frozenset({State.SENDING, State.SENT, State.DELIVERED, State.BOUNCED, State.UNKNOWN})
"""States in which somebody may have got the message, so that a change has to be told."""
UNSETTLED = frozenset({State.UNKNOWN, State.DEAD})
"""States that a person has to look at."""


def outside_quiet_hours(due: datetime, expire_at: datetime) -> datetime:
    """Return when an ordinary message may go out: due, or moved out of the night.

    It waits for the morning; where that would be too late it goes out the evening before.
    """
    local = due.astimezone(CHINA)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return due
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    morning = datetime.combine(day, QUIET_UNTIL, CHINA)
    if morning < expire_at:
        return morning
    return datetime.combine(day - timedelta(days=1), EVENING_BEFORE, CHINA)


def next_try(attempts: int, now: datetime, jitter: float) -> datetime | None:
    """Return when to try again after so many attempts, None when it is enough.

    `jitter` from -1 to 1 spreads the tries by a tenth either way.
    """
    if attempts > len(BACKOFF):
        return None
    return now + BACKOFF[attempts - 1] * (1 + jitter / 10)
