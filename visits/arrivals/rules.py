"""The code that changes every minute: which minute's it is, and how long it is taken.

Bound to the meeting on site and, as whoever types it is signed in, to one person (safety.md T6).
Nothing here reads a clock or a database.
"""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.signups.day.rules import STEP, code_of, step_of

SLACK = timedelta(seconds=30)
"""How long the code before is still taken: somebody was typing when it changed."""
NEAR = (0, -1, 1, -2)
"""Minutes around now whose codes are told from a wrong one."""


def step_typed(typed: str, key: bytes, meeting: str, now: datetime) -> int | None:
    """Return which minute's code somebody typed, if it is one of those around now."""
    given, current = typed.encode("utf-8", "surrogatepass"), step_of(now)
    hits = [
        current + near
        for near in NEAR
        if hmac.compare_digest(given, code_of(key, meeting, current + near).encode())
    ]
    return hits[0] if hits else None


def taken(step: int, now: datetime, used: int | None) -> bool:
    """Whether a minute's code opens now for somebody; `used` is the last one they have used."""
    current = step_of(now)
    into = timedelta(seconds=now.timestamp() - current * STEP)
    in_time = step == current or (step == current - 1 and into < SLACK)
    return in_time and (used is None or step > used)


class Lack(StrEnum):
    """Whom a visit still needs on the spot before anybody meets the child (domain.md §3.1)."""

    ADULTS = "adults"
    WOMAN = "woman"


def lack(adults: int, fewest: int, *, girl: bool, woman: bool) -> Lack | None:
    """Return who is missing among those who have come and not gone.

    `adults` are all of them, at least two whatever `fewest` says; `woman` is a volunteer.
    """
    if adults < max(2, fewest):
        return Lack.ADULTS
    return Lack.WOMAN if girl and not woman else None
