"""The life of a rights request (domain.md §1b, §5.8). Nothing here reads a clock or a database."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class RequestKind(StrEnum):
    """What the law lets people ask for (PIPL 15, 44–47 [T])."""

    ACCESS = "access"
    COPY = "copy"
    CORRECT = "correct"
    DELETE = "delete"
    WITHDRAW = "withdraw"


COPYING = frozenset({RequestKind.ACCESS, RequestKind.COPY})


class Asker(StrEnum):
    GUARDIAN = "guardian"
    CHILD = "child"
    VOLUNTEER = "volunteer"


class Channel(StrEnum):
    """How a request came in."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    PAPER = "paper"
    ACCOUNT = "account"


class State(StrEnum):
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.RECEIVED, State.CONFIRMED})


class Lateness(StrEnum):
    """What a request is late with."""

    CONFIRMING = "confirming"
    FINISHING = "finishing"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Until when receipt has to be confirmed and the request finished, both days included."""

    confirm_by: date
    finish_by: date

    def late(self, state: State, today: date) -> Lateness | None:
        """Return what is overdue today; on the last day itself nothing is."""
        if state in OPEN and today > self.finish_by:
            return Lateness.FINISHING
        if state is State.RECEIVED and today > self.confirm_by:
            return Lateness.CONFIRMING
        return None
