"""When somebody is asked whether they still come, and how often."""

from datetime import datetime, timedelta
from enum import StrEnum

FIRST, AGAIN = timedelta(hours=72), timedelta(hours=24)
BEFORE = {1: FIRST, 2: AGAIN}
"""How long before the beginning somebody is asked for the first and for the second time."""
PATIENCE = timedelta(hours=4)
"""How long after the second question somebody has to answer before the coordinator calls them."""


class Answer(StrEnum):
    COMES = "comes"
    STAYS = "stays"
    """Stays at home: the seat is for the next who waits."""


def turn(begins_at: datetime, now: datetime) -> int:
    """Return which question is due: 1 or 2, 0 when none is."""
    if not begins_at - FIRST <= now < begins_at:
        return 0
    return 2 if now >= begins_at - AGAIN else 1
