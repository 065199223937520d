"""The one place that reads the time, so that tests, jobs and the demonstration can set it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.zone import CHINA

_shift_file: Path | None = None
_read: tuple[int, timedelta] = (0, timedelta())


def wall() -> datetime:
    """Return what the machine's clock says, in UTC; tests set it here."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the current moment in UTC; in demo mode, moved by what the shift file says."""
    return wall() + shift()


def today() -> date:
    """Return the current day as people in Jinzhong count it."""
    return now().astimezone(CHINA).date()


def shiftable(path: Path | None) -> None:
    """Let this process follow the demonstration's clock; None goes back to the real one."""
    global _shift_file, _read
    _shift_file, _read = path, (0, timedelta())


def shift() -> timedelta:
    """Return how far the demonstration's clock runs ahead of the real one."""
    global _read  # noqa: PLW0603 - remembers the file until it changes
    if _shift_file is None:
        return timedelta()
    try:
        changed = _shift_file.stat().st_mtime_ns
        if changed != _read[0]:
            _read = (changed, timedelta(seconds=float(_shift_file.read_text())))
    except FileNotFoundError:
        _read = (0, timedelta())
    return _read[1]


def advance(by: timedelta) -> timedelta:
    """Move the demonstration's clock for every process that follows it; return the whole shift."""
    if _shift_file is None:
        raise RuntimeError("the clock of a real site cannot be moved")
    total = shift() + by
    fresh = _shift_file.with_suffix(".new")
    fresh.write_text(str(total.total_seconds()))
    fresh.replace(_shift_file)
    return total
