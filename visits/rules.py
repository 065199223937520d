"""When, where and with whom a visit may take place. Nothing here reads a clock or a database."""

from enum import StrEnum


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


class PartyRole(StrEnum):
    MEMBER = "member"
    ESCORT = "escort"


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


class Mood(StrEnum):
    """How the child said the visit was, on the four-faces scale (domain.md §3.11)."""

    GREAT = "great"
    GOOD = "good"
    SO_SO = "so_so"
    BAD = "bad"
