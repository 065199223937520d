"""What somebody tells of a visit. Nothing here reads a clock or a database."""

from dataclasses import dataclass

from visits.rules import Mood, NeedChange


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody tells of a visit."""

    child_present: bool
    mood: Mood | None
    did: str
    need_change: NeedChange
    need_changes: str
    parcel: str
    parcels: int | None
    concern: bool
