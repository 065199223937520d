"""Jobs that run again and again in a process, and the watchdog that keeps their clock going.

APScheduler is the clock only: it keeps nothing, so any number of processes may run the same jobs,
and one that dies loses none (reminders.md §2).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any, Protocol

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from core import apart, clock
from core.fences import everything
from core.health import Heartbeat
from core.logs import log

TICK = "tick"
STUCK_AFTER = 90.0
"""Seconds after which a tick will not come back: a pass ends by itself long before."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again."""

    name: str
    seconds: float
    act: Callable[[], object]


class Watch(Protocol):
    """Whoever tells whether the time may be believed; asked before each job."""

    def look(self) -> None:
        """Notice a leap of the clock."""
        ...

    def stops_all(self) -> bool:
        """Whether nothing but the tick may run."""
        ...


class Trusting:
    """Believes the clock whatever it says."""

    def look(self) -> None:
        """Look away."""

    def stops_all(self) -> bool:
        return False


@dataclass
class Jobs:
    """The running clock of one process, with a watchdog that revives it."""

    app: Flask
    table: tuple[Job, ...]
    heartbeat: Heartbeat
    watch: Watch = field(default_factory=Trusting)
    watch_every: float = 1.0
    stuck_after: float = STUCK_AFTER
    _scheduler: Any = field(init=False, default=None)
    _stopping: threading.Event = field(init=False, default_factory=threading.Event)
    _watchdog: threading.Thread | None = field(init=False, default=None)
    _tick_began: float | None = field(init=False, default=None)
    _woken_at: float = field(init=False, default=0.0)
    _shift: timedelta = field(init=False, default_factory=clock.shift)

    def begin(self) -> None:
        """Start the clock and the watchdog."""
        self._start_clock()
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._watchdog.start()

    def stop(self) -> None:
        """Let a running job finish, but for work apart, which is put back; then stop."""
        self._stopping.set()
        apart.stop()
        if self._watchdog is not None:
            self._watchdog.join()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        apart.allow()
        for name in ("jobs", "heartbeat"):
            self.app.extensions.pop(name, None)

    def _start_clock(self) -> None:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for job in self.table:
            scheduler.add_job(
                self._run, "interval", seconds=job.seconds, args=[job], id=job.name,
                next_run_time=clock.wall(),
            )  # fmt: skip
        scheduler.start()
        self._scheduler = scheduler

    def _run(self, job: Job) -> None:
        began = time.monotonic()
        if job.name == TICK:
            self.heartbeat.beat()
            self._tick_began = began
        try:
            with self.app.app_context(), everything():
                self.watch.look()
                if job.name == TICK or not self.watch.stops_all():
                    job.act()
        except Exception as error:  # noqa: BLE001 - a job that fails must not stop the others
            log.error("job failed", job=job.name, error=type(error).__name__)
        finally:
            if job.name == TICK and self._tick_began == began:
                self._tick_began = None
                self.heartbeat.beat()

    def _watch(self) -> None:
        """Look after the clock by the monotonic time, which nobody can set."""
        while not self._stopping.wait(self.watch_every):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - nobody watches the watchdog
                log.error("watchdog failed", error=type(error).__name__)

    def _look(self) -> None:
        self._follow_the_demonstration()
        now, began = time.monotonic(), self._tick_began
        quiet = now - max(self.heartbeat.beat_at, self._woken_at) > 3 * self._tick_seconds
        if not self._alive():
            self._revive("thread died")
        elif began is not None and now - began > self.stuck_after:
            self._revive("tick does not come back")
        elif began is None and quiet and self._woken_at > self.heartbeat.beat_at:
            self._revive("no tick after it was woken")
        elif began is None and quiet:
            log.warning("scheduler woken", reason="no tick")
            self._woken_at = now
            aside(self._wake)

    @property
    def _tick_seconds(self) -> float:
        return next((job.seconds for job in self.table if job.name == TICK), 1.0)

    def _revive(self, reason: str) -> None:
        """Start another clock, and leave the old one to itself: it may never answer again."""
        log.warning("scheduler revived", reason=reason)
        self._tick_began, self._woken_at = None, time.monotonic()
        old = self._scheduler
        self._start_clock()
        aside(lambda: old.shutdown(wait=False))

    def _alive(self) -> bool:
        thread = self._scheduler._thread  # noqa: SLF001 - nothing public tells whether it lives
        return bool(self._scheduler.running and thread is not None and thread.is_alive())

    def _follow_the_demonstration(self) -> None:
        """Run everything once its clock was moved: hours may have passed there."""
        shift = clock.shift()
        if shift != self._shift:
            self._shift = shift
            aside(lambda: self._wake(everything_due=True))

    def _wake(self, *, everything_due: bool = False) -> None:
        """Run now what waits longer than it ever should: the wall clock was set back."""
        now = clock.wall()
        for job in self.table:
            longest = now if everything_due else now + timedelta(seconds=job.seconds)
            if job.name == TICK or self._scheduler.get_job(job.name).next_run_time > longest:
                self._scheduler.modify_job(job.name, next_run_time=now)


def aside(act: Callable[[], object]) -> None:
    """Do something in a thread of its own: it may wait for what never comes."""

    def work() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - nobody waits for it
            log.error("watchdog failed", error=type(error).__name__)

    threading.Thread(target=work, name="aside", daemon=True).start()
