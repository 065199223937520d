"""How long somebody stays signed in. Nothing here reads a clock or a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SLACK = timedelta(minutes=1)
"""How far two clocks may differ, and how seldom the last sight of a session is written down."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the parameters of a day allow."""

    staff_idle: timedelta
    volunteer_idle: timedelta
    longest: timedelta
    step_up: timedelta

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Limits":
        return cls(
            staff_idle=timedelta(minutes=values["accounts.staff_idle_minutes"]),
            volunteer_idle=timedelta(minutes=values["accounts.volunteer_idle_minutes"]),
            longest=timedelta(hours=values["accounts.session_hours"]),
            step_up=timedelta(minutes=values["accounts.step_up_minutes"]),
        )

    def idle(self, *, staff: bool) -> timedelta:
        return self.staff_idle if staff else self.volunteer_idle


def set_back(seen_at: datetime, now: datetime) -> bool:
    """Whether the clock shows a time before one at which the session was already seen.

    Such a session would live longer than its limits say: it ends.
    """
    return seen_at > now + SLACK


def worth_noting(seen_at: datetime, now: datetime) -> bool:
    """Whether the last sight of a session lies far enough back to be written anew."""
    return now - seen_at >= SLACK
