"""What is opened in one step: the places of a slot, and the days it comes back on."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.rules import SlotKind, SlotRole, Timing

MOST_SLOTS = 400
"""Of one step; a season's weekends in eleven counties are about 250."""


class Again(StrEnum):
    """How often a slot comes back until the visits end."""

    ONCE = "once"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


FREQUENCY = {
    Again.WEEKLY: "FREQ=WEEKLY",
    Again.FORTNIGHTLY: "FREQ=WEEKLY;INTERVAL=2",
    Again.MONTHLY: "FREQ=MONTHLY",
}
"""As RFC 5545 writes a recurrence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a slot asks of those who come, and what it offers."""

    capacity: int
    least: int = 0
    role: SlotRole = SlotRole.COMPANION
    place: str = ""
    with_children: bool = True
    trained: bool = True
    screened: bool = True
    least_women: int = 0
    least_experienced: int = 0
    most_party: int = 1
    changeover: int = 0


@dataclass(frozen=True, slots=True)
class What:
    """Which activity of a campaign: the one of that name and kind, or a new one."""

    kind: SlotKind
    timing: Timing = Timing.WINDOW
    title: str = ""
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """The days of a slot, both included, and its hours in minutes after midnight."""

    starts_on: date
    ends_on: date
    from_minute: int = 0
    until_minute: int = 1440


@dataclass(frozen=True, slots=True)
class Opening:
    """Places to be opened, once or again and again."""

    what: What
    when: When
    asked: Asked
    again: Again = Again.ONCE
