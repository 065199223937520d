"""The life of a message (reminders.md §4.2). Nothing here reads a clock or a database."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from core.zone import CHINA

QUIET_FROM, QUIET_UNTIL, EVENING_BEFORE = time(21, 30), time(8, 0), time(20, 30)
"""When nobody is disturbed from outside the site (reminders.md §4.5)."""
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120))
BROKEN_AFTER, FIRST_REST, LONGEST_REST = 5, timedelta(minutes=1), timedelta(minutes=15)
"""A way that fails so often in a row rests, longer each time; then one message tries it."""
LOOK_AFTER, MOST_LOOKS = timedelta(minutes=5), 3
"""When, and how often, a provider is asked for a message nobody can tell of."""
OVERDUE = timedelta(minutes=10)
"""What waits longer than that was held up: by an outage, not by its neighbours in the queue."""
LADDERS = (("visit_t7d", "visit_t2d", "visit_t2h"), ("visit_t7d", "visit_t24h", "visit_t2h"))
"""Reminders of one thing, the later ones instead of the earlier: nobody needs both at once."""
AHEAD_OF_START = {"visit_t2h": timedelta(minutes=70)}
"""What is told so long before it expires at the latest: a visit's start less an hour and a half."""
SECOND_WAY = frozenset({"visit_t2h"})
"""What is said again by another way, and says so, where nobody can tell whether it arrived."""


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
    """The ways to somebody. The inbox is the record; the others carry it (reminders.md §1).

    Their order is stored (`given_up_with`): a new one goes to the end.
    """

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


class Weight(StrEnum):
    """What a message may pass over: the night and the limits are for ordinary ones."""

    ORDINARY = "ordinary"
    CORRECTION = "correction"
    """It waits for the morning, but no limit holds it back: what was said is wrong."""
    URGENT = "urgent"
    """A child's or an account's safety: at once, at night, as often as it has to be."""


class HoldReason(StrEnum):
    """Why nothing leaves the site until somebody says so."""

    BACKLOG = "backlog"
    CLOCK = "clock"


OPEN = frozenset({State.PENDING, State.CLAIMED})
TOLD = frozenset({State.SENDING, State.SENT, State.DELIVERED, State.BOUNCED, State.UNKNOWN})
"""States in which somebody may have got the message, so that a change has to be told."""
FAILED = frozenset({State.DEAD, State.BOUNCED})
"""States in which it certainly did not arrive: only that is sent again to all who missed it."""
UNSETTLED = frozenset({State.UNKNOWN, State.DEAD, State.BOUNCED})
"""States that a person has to look at."""


def is_quiet(moment: datetime) -> bool:
    """Whether nobody is disturbed at that moment."""
    return not QUIET_UNTIL <= moment.astimezone(CHINA).time() < QUIET_FROM


def outside_quiet_hours(due: datetime, expire_at: datetime) -> datetime:
    """Return when an ordinary message may go out: due, or moved out of the night.

    It waits for the morning; where that would be too late it goes out the evening before.
    """
    if not is_quiet(due):
        return due
    local = due.astimezone(CHINA)
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


def moved_out_of_the_night(
    kind: str, due: datetime, expire_at: datetime, now: datetime
) -> datetime:
    """Return when an ordinary message of a kind goes out, planned now and never before it.

    Where the evening before has gone already, it keeps its time.
    """
    moved = outside_quiet_hours(due, expire_at - AHEAD_OF_START.get(kind, timedelta()))
    return moved if moved >= now else due


def later_than(kind: str) -> frozenset[str]:
    """Return the reminders that take the place of one of this kind once they are due."""
    return frozenset(
        later for ladder in LADDERS if kind in ladder for later in ladder[ladder.index(kind) + 1 :]
    )


def replaced_kinds() -> frozenset[str]:
    """Return the kinds that a later reminder can take the place of."""
    return frozenset(kind for ladder in LADDERS for kind in ladder[:-1])


def open_for(failures: int) -> timedelta | None:
    """Return how long a way rests after so many failures in a row, None for not at all."""
    if failures < BROKEN_AFTER:
        return None
    doubled: int = 2 ** min(failures // BROKEN_AFTER - 1, 6)
    return min(FIRST_REST * doubled, LONGEST_REST)


SAFETY = frozenset(
    {
        "alert_raised", "schedule_failed", "sign_in_code_made", "visit_cancelled", "visit_moved",
        "visit_checkin_missing", "visit_checkout_due", "visit_checkout_missing",
        "visit_concern", "visit_member_left",
        "visit_lapse_check", "visit_lapse_concern", "contact_code", "contact_broken",
    }
)  # fmt: skip
"""Kinds that nobody can leave: somebody's safety, a change of plans, the reader's own account."""


def concerns_safety(kind: str, weight: Weight) -> bool:
    """Whether it goes where its reader wants no ordinary messages, and never out with those."""
    return weight is Weight.URGENT or kind in SAFETY


def given_up_with(given_up: int, channel: Channel) -> int:
    """Return the ways given up for a message, a bit each, with one more.

    By name and not by place: a way that breaks leaves its owner's list, and all others move up.
    """
    return given_up | 1 << list(Channel).index(channel)


def is_given_up(given_up: int, channel: Channel) -> bool:
    """Whether a way has been given up for a message."""
    return given_up == given_up_with(given_up, channel)
