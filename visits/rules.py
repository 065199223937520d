"""Where a visit stands and who may know what of it. Nothing here reads a clock or a database."""

from datetime import datetime, timedelta
from enum import StrEnum

from core.zone import CHINA

RELEASED_BEFORE = timedelta(hours=48)
RELEASED_AFTER = timedelta(hours=24)


class State(StrEnum):
    """Where a visit stands (domain.md §5.4)."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    RECORDED = "recorded"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


OPEN = frozenset({State.PLANNED, State.CONFIRMED, State.IN_PROGRESS})
AHEAD = frozenset({State.PLANNED, State.CONFIRMED})
UNDECIDED = OPEN | {State.COMPLETED, State.RECORDED}
"""Whether it took place as it should is not known before its record is approved."""
VOID = frozenset({State.CANCELLED, State.NO_SHOW})
TOOK_PLACE = frozenset({State.COMPLETED, State.RECORDED, State.APPROVED})


class PlaceKind(StrEnum):
    """Where to meet, best first (domain.md §3.2)."""

    STATION = "station"
    CHILDREN_HOUSE = "children_house"
    SCHOOL_ROOM = "school_room"
    LIBRARY = "library"
    HOME = "home"


class CancelReason(StrEnum):
    VOLUNTEER = "volunteer"
    GUARDIAN = "guardian"
    CHILD = "child"
    WEATHER = "weather"
    HOLIDAY = "holiday"
    SAFEGUARDING = "safeguarding"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PAIRING_ENDED = "pairing_ended"
    TOO_FEW_LEFT = "too_few_left"
    SERIES_MOVED = "series_moved"


CHOSEN_REASONS = tuple(CancelReason)[:6]
"""What a person can give as the reason; the others follow from something else."""


class PartyRole(StrEnum):
    MEMBER = "member"
    ESCORT = "escort"


class Mood(StrEnum):
    """How the child said the visit was, on the four-faces scale (domain.md §3.11)."""

    GREAT = "great"
    GOOD = "good"
    SO_SO = "so_so"
    BAD = "bad"


class NeedChange(StrEnum):
    """What has become of what the child needs (domain.md §5.4)."""

    NONE = "none"
    MET = "met"
    NEW = "new"
    CHANGED = "changed"


def released(now: datetime, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether volunteers may see where to meet and whom to call now (domain.md §3)."""
    return starts_at - RELEASED_BEFORE <= now <= ends_at + RELEASED_AFTER


def on_the_day(now: datetime, starts_at: datetime) -> bool:
    """Whether it is the day of the visit, as people in China count it."""
    return now.astimezone(CHINA).date() == starts_at.astimezone(CHINA).date()


def served(
    checked_in_at: datetime, checked_out_at: datetime, ends_at: datetime, overrun: timedelta
) -> int:
    """Return the minutes that count: from coming to going, not beyond the planned end by much.

    Somebody whom the coordinator checks out the next morning has not served all night.
    """
    until = min(checked_out_at, ends_at + overrun)
    return max(0, int((until - checked_in_at).total_seconds()) // 60)
