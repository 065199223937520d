"""What may go wrong with a pairing that has begun, the most pressing first."""

from datetime import timedelta
from enum import StrEnum


class Sign(StrEnum):
    SHORT = "short"
    """Fewer than two active adults are left in the team."""
    CITY_KEY = "city_key"
    """The child has come to be at high risk, and the city has not said yes."""
    LAPSED = "lapsed"
    """Somebody of the team is not cleared any more."""
    LAPSING = "lapsing"
    """Somebody's clearance runs out soon."""
    ENDS = "ends"
    """The agreed time is nearly over."""
    PAUSED = "paused"
    RENEWING = "renewing"
    ENDING = "ending"


SOON = timedelta(days=30)
"""How long before a day people can still do something about it."""
