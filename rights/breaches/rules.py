"""The life of a breach record (PIPL 57 [T], domain.md §5.8). Nothing here reads a clock."""

from enum import StrEnum


class State(StrEnum):
    DETECTED = "detected"
    CONTAINED = "contained"
    REPORTED = "reported"
    NOTIFIED = "notified"
    CLOSED = "closed"


ORDER = tuple(State)


class Kind(StrEnum):
    """What happened to personal information."""

    LEAKED = "leaked"
    CHANGED = "changed"
    LOST = "lost"


class Notice(StrEnum):
    """To whom a notice goes."""

    AUTHORITY = "authority"
    FAMILIES = "families"


def next_state(state: State) -> State | None:
    """Return the one state that follows, or None at the end: no step is left out."""
    place = ORDER.index(state) + 1
    return ORDER[place] if place < len(ORDER) else None
