"""What a team is: at least two adults, one of whom leads (domain.md §3.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from volunteers.rules import Sex, Status

FEWEST = 2


class Parting(StrEnum):
    """Why a team is let go."""

    MISTAKE = "mistake"
    REARRANGED = "rearranged"
    LEAVING = "leaving"
    NOT_GETTING_ON = "not_getting_on"
    """These people are not proposed as a pair again."""
    SAFEGUARDING = "safeguarding"
    OTHER = "other"


class Refusal(StrEnum):
    """Why two people are not to be a team."""

    SAID_NO = "said_no"
    NOT_GETTING_ON = "not_getting_on"
    RELATED = "related"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to a team now."""

    volunteer_id: int
    person_id: int
    name: str
    sex: Sex | None
    leads: bool
    status: Status


def complete(members: Iterable[Member]) -> bool:
    """Whether everybody may act, there are enough of them, and one of them leads."""
    all_ = list(members)
    active = [member for member in all_ if member.status is Status.ACTIVE]
    led = any(member.leads for member in active)
    return len(active) == len(all_) >= FEWEST and led
