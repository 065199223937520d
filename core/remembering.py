"""What a process remembers because it is dear to make: few things, by version, for a while.

A thing that nobody asks for any more is let go of by itself: it may hold numbers that have been
deleted since, and only whoever asks again would notice that there is another version.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Kept(Generic[T]):
    version: int
    what: T
    asked_at: float


class Remembered(Generic[T]):
    """At most so many things by name, each for so many seconds after it was last asked for."""

    def __init__(self, most: int, lasts: float) -> None:
        self.most, self.lasts = most, lasts
        self._lock = Lock()
        self._kept: dict[str, _Kept[T]] = {}
        self._timer: Timer | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: str, version: int, make: Callable[[], T]) -> T:
        """Return the thing in that version; make it if it is not remembered."""
        with self._lock:
            kept = self._kept.pop(name, None)
            if kept is None or kept.version != version:
                kept = _Kept(version, make(), 0.0)
            kept.asked_at = time.monotonic()
            self._kept[name] = kept
            while len(self._kept) > self.most:
                self._kept.pop(next(iter(self._kept)))
            self._look_later()
            return kept.what

    def forget(self) -> None:
        """Let everything go."""
        with self._lock:
            self._kept.clear()

    def _look_later(self) -> None:
        if self._timer is None and self._kept:
            self._timer = Timer(self.lasts / 2, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        with self._lock:
            oldest = time.monotonic() - self.lasts
            for name in [name for name, one in self._kept.items() if one.asked_at <= oldest]:
                del self._kept[name]
            self._timer = None
            self._look_later()
