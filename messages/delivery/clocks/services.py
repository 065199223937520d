"""Whether the clock may be believed: what is reminded of must not go out early.

The wall clock is held against the monotonic one, which nobody can set, and on PostgreSQL against
the database's. A leap forward lets the site's messages wait a minute; a leap of more than a day
holds them, and all other jobs, until a coordinator has looked.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core import clock
from core.db import db
from core.logs import log
from messages.delivery.holds.services import begin, in_doubt, overdue
from messages.rules import HoldReason

LEAP, UNBELIEVABLE = timedelta(seconds=60), timedelta(days=1)
PAUSE_SECONDS = 60.0
COMPARED_EVERY = 60.0
"""Seconds between two looks at the database's clock."""


@dataclass
class Watch:
    """What one process knows of its clock; asked before each job, from any thread."""

    wall_at: datetime | None = None
    looked_at: float = 0.0
    paused_until: float = 0.0
    compared_at: float = float("-inf")
    unbelieved: bool = True
    """Asked of the database at the start as well: a hold outlives the process that began it."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        """Notice a leap since the last look."""
        with self._lock:
            now, at = clock.wall(), time.monotonic()
            passed = timedelta(seconds=at - self.looked_at)
            leap = now - self.wall_at - passed if self.wall_at else timedelta()
            self.wall_at, self.looked_at = now, at
            if leap > LEAP:
                self._doubt(at, leap)
            elif at - self.compared_at >= COMPARED_EVERY:
                self.compared_at = at
                ahead = _ahead_of_the_database(now)
                if ahead > LEAP:
                    self.paused_until = at + COMPARED_EVERY + PAUSE_SECONDS
                    log.warning("clock ahead of the database", seconds=ahead.total_seconds())

    def _doubt(self, at: float, leap: timedelta) -> None:
        log.warning("clock leapt forward", seconds=leap.total_seconds())
        self.paused_until = at + PAUSE_SECONDS
        if leap > UNBELIEVABLE and not clock.shift():
            begin(HoldReason.CLOCK, overdue(clock.now(), 1000))
            self.unbelieved = True

    @property
    def trusted(self) -> bool:
        """Whether messages may leave the site."""
        return time.monotonic() >= self.paused_until

    def stops_all(self) -> bool:
        """Whether nothing may run by itself: the clock leapt by days, and nobody said it may."""
        if self.unbelieved:
            self.unbelieved = in_doubt()
        return self.unbelieved


def _ahead_of_the_database(now: datetime) -> timedelta:
    if db.engine.dialect.name != "postgresql":
        return timedelta()
    database: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return now - database
