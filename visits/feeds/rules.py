"""What a private calendar holds, and for how long. Nothing here reads a clock or a database."""

from datetime import timedelta
from enum import StrEnum


class Reach(StrEnum):
    """Whose visits a calendar holds: one's own, or all one answers for."""

    MINE = "mine"
    ALL = "all"


class Method(StrEnum):
    """What an invitation asks a calendar to do (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


BACK, FORTH = timedelta(days=90), timedelta(days=180)
"""How far a calendar looks back and ahead."""
CANCELLED_STAY = timedelta(days=30)
"""So long a visit that was called off still says so: calendars ask rarely."""
MOST_FEEDS = 5
"""So many calendars one person has."""
