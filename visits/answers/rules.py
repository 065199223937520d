"""What somebody can answer to a reminder, and what the link in it is made of. No clock, no keys."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

UID = 22
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Said(StrEnum):
    COMES = "comes"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a reminder asked about which visit at which time: another time is another question."""

    visit: str
    person_id: int
    minute: int
    """When the visit begins, in minutes since 1970: from then on nobody is asked any more."""

    @property
    def starts_at(self) -> datetime:
        return datetime.fromtimestamp(self.minute * 60, UTC)

    @property
    def told(self) -> str:
        """Return the question as a link carries it, before its mark."""
        return f"{self.visit}.{_short(self.person_id)}.{_short(self.minute)}"


def minute_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def asked_in(told: str) -> Asked:
    """Return the question that a link carries. Raises ValueError."""
    visit, person, minute = told.split(".")
    if len(visit) != UID or max(len(person), len(minute)) > 9:
        raise ValueError("told")
    return Asked(visit, int(person, 36), int(minute, 36))


def _short(number: int) -> str:
    """Return a number in the digits that int(…, 36) reads: a link goes into a text message."""
    found = ""
    while number:
        number, digit = divmod(number, 36)
        found = DIGITS[digit] + found
    return found or "0"
