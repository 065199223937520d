"""Where a run of the matching stands, what becomes of its proposals, and why one is refused."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


BUSY = frozenset({State.WAITING, State.RUNNING})


class Fate(StrEnum):
    """What has become of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OUTDATED = "outdated"
    """The rules no longer allow it, or the child has somebody by now."""
    EXPIRED = "expired"


class Refusal(StrEnum):
    """Why a coordinator does not want a pair that a run proposes."""

    RELATED = "related"
    KNOWN_TROUBLE = "known_trouble"
    TOO_FAR = "too_far"
    NEEDS = "needs"
    OTHER = "other"


class Step(StrEnum):
    """What a run is doing; each with how far it is."""

    WORLD = "world"
    PAIRS = "pairs"
    SOLVE = "solve"
    PRICE = "price"
    EXPLAIN = "explain"
    CHECK = "check"


def week_of(day: date) -> str:
    """Return the name of a week, by which its run is made once: `2026-W48`."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def due(when: Any, local: datetime) -> bool:
    """Whether the week's run is due: `[weekday, hour]`, Monday is 1; what nobody can read is never.

    Whoever comes late begins it late: the site may have been off at the hour.
    """
    if not (isinstance(when, list) and len(when) == 2 and all(type(one) is int for one in when)):
        return False
    return (local.isoweekday(), local.hour) >= (when[0], when[1])
