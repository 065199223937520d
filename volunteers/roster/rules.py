"""How a list of volunteers can be narrowed."""

from enum import StrEnum


class Tab(StrEnum):
    """Which volunteers a list shows."""

    ALL = "all"
    APPLIED = "applied"
    READY = "ready"
    """Everything is there; the coordinator's yes is missing."""
    LACKING = "lacking"
    """Something is missing before they may begin, or begin again."""
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    HITS = "hits"
    """Suspended with a screening result that a safeguarding lead has to decide."""
    PAUSED = "paused"
    EXITED = "exited"
    BARRED = "barred"
