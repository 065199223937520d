"""What somebody should know before saying yes: hints with their reasons, never a refusal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.counties.rules import Tile, apart, minutes_between


class Note(StrEnum):
    CLASH = "clash"
    """Another slot of theirs at the same time, changing over included."""
    TIGHT = "tight"
    """Another one on the same day, and the road between them is longer than the time."""
    EXAM = "exam"
    """Examinations on that very day."""
    EXAM_WITHIN = "exam_within"
    """Examinations some time in the days among which the visits are agreed."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """When a slot takes place, and where on the schematic map."""

    first: date
    last: date
    minutes: tuple[int, int]
    """After midnight, where the hours are fixed."""
    fixed: bool
    changeover: int
    tile: Tile | None


@dataclass(frozen=True, slots=True)
class Busy:
    """A slot somebody has a seat at."""

    slot_uid: str
    title: str
    at: Stretch


@dataclass(frozen=True, slots=True)
class Exam:
    """When examinations are."""

    name: str
    first: date
    last: date
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint: what it is about, and what its words need."""

    note: Note
    what: str
    minutes: int = 0
    """On the road between two slots."""
    days: tuple[date, date] | None = None
    confirmed: bool = True


def hints(at: Stretch, busy: Iterable[Busy], exams: Iterable[Exam], *, a_tile: int) -> list[Hint]:
    """Return what stands out about a slot, clashes first; `a_tile` as in minutes_between."""
    met = [found for one in busy if (found := _met(at, one, a_tile))]
    note = Note.EXAM if at.fixed else Note.EXAM_WITHIN
    sat = [
        Hint(note, exam.name, days=(exam.first, exam.last), confirmed=exam.confirmed)
        for exam in exams
        if exam.first <= at.last and exam.last >= at.first
    ]
    return [*dict.fromkeys(met), *sat]


def _met(at: Stretch, other: Busy, a_tile: int) -> Hint | None:
    """Return how another slot gets in the way; one whose hours are agreed never does."""
    there = other.at
    together = at.first <= there.last and at.last >= there.first
    if not (at.fixed and there.fixed and together):
        return None
    between = max(at.minutes[0] - there.minutes[1], there.minutes[0] - at.minutes[1])
    if between < at.changeover + there.changeover or between < 0:
        return Hint(Note.CLASH, other.title)
    tiles = apart(at.tile, there.tile)
    road = minutes_between(tiles, a_tile) if tiles else 0
    return Hint(Note.TIGHT, other.title, minutes=road) if between < road else None
