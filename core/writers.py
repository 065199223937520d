"""Where those wait who want to write to an SQLite database: one writes at a time."""

import fcntl
import os
import threading
from pathlib import Path
from typing import IO

WAIT_SECONDS = 10


class WriterBusy(Exception):
    """Another writer held the database for longer than WAIT_SECONDS; asking again helps."""


class Queue:
    """Where writers wait: threads of this process at a lock, processes at a lock file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._gate = threading.Lock()
        self._files: dict[int, IO[str]] = {}

    def enter(self) -> None:
        if not self._gate.acquire(timeout=WAIT_SECONDS):
            raise WriterBusy
        try:
            fcntl.flock(self._file(), fcntl.LOCK_EX)
        except BaseException:
            self._gate.release()
            raise

    def leave(self) -> None:
        fcntl.flock(self._file(), fcntl.LOCK_UN)
        self._gate.release()

    def close(self) -> None:
        while self._files:
            self._files.popitem()[1].close()

    def _file(self) -> IO[str]:
        """One descriptor a process: one inherited over a fork would not exclude the parent."""
        pid = os.getpid()
        if pid not in self._files:
            self._files[pid] = self._path.open("a")
        return self._files[pid]
