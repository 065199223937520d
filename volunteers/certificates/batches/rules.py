"""Where a batch of certificates stands."""

from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    CANCELLED = "cancelled"


BUSY = (State.WAITING, State.RUNNING)
