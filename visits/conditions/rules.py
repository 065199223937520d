"""What else has to hold on the day: exams, weather, places, company at first, few new faces.

Nothing here reads a clock or a database.
"""

from collections.abc import Collection
from dataclasses import dataclass

from visits.rules import PlaceKind

EVERYWHERE = frozenset(PlaceKind)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for one pairing on one day."""

    exams: bool = False
    """Whether schools have examinations that day."""
    bad_weather: bool = False
    """Whether the county has stopped visits that day."""
    places: frozenset[PlaceKind] = EVERYWHERE
    better_place: bool = False
    """Whether there is a station nearby where people could meet instead of at home."""
    first: int = 0
    """How many first visits need two volunteers besides the escort."""
    done: int = 0
    """How many visits have taken place, or are planned before that day."""
    met: frozenset[int] = frozenset()
    """Whom the child has met lately, volunteers by their person ids."""
    most_faces: int = 10**6

    def is_one_of_the_first(self) -> bool:
        return self.done < self.first

    def too_new(self, member_ids: Collection[int]) -> list[int]:
        """Return whom the child would meet beyond its budget of new faces (domain.md §3.8)."""
        new = sorted(set(member_ids) - self.met)
        room = max(0, self.most_faces - len(self.met))
        return new[room:]
