"""Which of several proposals can be accepted together: nobody takes more children than they can."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Snag(StrEnum):
    """Why a proposal is left out."""

    WAITS = "waits"
    """The child has somebody by now, or does not wait any more."""
    AGREED = "agreed"
    """A consent has run out."""
    STANDS = "stands"
    """The team has been dissolved."""
    FULL = "full"
    """Somebody of the team has no place left."""
    SHARED = "shared"
    """Somebody of the team has but one place left, and it goes to a better one of these."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A proposal that still holds by itself."""

    uid: str
    team: int
    tier: int
    """How urgent the child is: as in a run, that comes before points."""
    score: int


def short_of_places(
    wanted: Iterable[Wanted], people: Mapping[int, Sequence[int]], places: Mapping[int, int]
) -> dict[str, Snag]:
    """Return for which proposals somebody has no place left, the better ones kept.

    `people` are the members by team, `places` how many children each can still take: a run gives
    each team its places, and does not know that somebody is in two.
    """
    left, found = dict(places), {}
    for one in sorted(wanted, key=lambda one: (-one.tier, -one.score, one.uid)):
        members = people.get(one.team, ())
        if all(left.get(member, 0) > 0 for member in members):
            for member in members:
                left[member] -= 1
            continue
        alone = all(places.get(member, 0) > 0 for member in members)
        found[one.uid] = Snag.SHARED if alone else Snag.FULL
    return found
