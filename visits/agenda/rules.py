"""Which lists of visits there are. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from visits.rules import AHEAD, State


class Late(StrEnum):
    """How a visit stands whose people should have come, or gone, a while ago."""

    NOT_COME = "not_come"
    NOT_GONE = "not_gone"
    ESCALATED = "escalated"
    """Nobody has said after the first reminder that they are back: others look after it now."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long people are waited for: to come, to go, and until others are called."""

    come: timedelta
    go: timedelta
    escalate: timedelta


def lateness(
    state: State, starts_at: datetime, ends_at: datetime, now: datetime, *, waits: Waits
) -> Late | None:
    """Return how a visit is late, if it is."""
    if state in AHEAD:
        return Late.NOT_COME if starts_at <= now - waits.come else None
    if state is not State.IN_PROGRESS or ends_at > now - waits.go:
        return None
    return Late.ESCALATED if ends_at <= now - waits.escalate else Late.NOT_GONE


class Tab(StrEnum):
    """The lists of visits; each next action leads to exactly one of them."""

    UPCOMING = "upcoming"
    RECORD = "record"
    APPROVE = "approve"
    PAST = "past"
    CONFIRM = "confirm"
    UNCONFIRMED = "unconfirmed"
    OVERDUE = "overdue"
    DAY = "day"
    CLEARANCE = "clearance"


FOR_EVERYBODY = tuple(Tab)[:4]
"""The tabs that always show; the others only when a next action has led there."""
