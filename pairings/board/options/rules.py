"""A team as the board shows it to one child: its points by factor, or what stands against it."""

from collections.abc import Iterable
from dataclasses import dataclass

from pairings.matching.model import Code, Factor
from pairings.matching.pricing import Ground


@dataclass(frozen=True, slots=True)
class Option:
    """One team for one child, by the rules and tables of the day."""

    team_id: int
    uid: str
    name: str
    members: tuple[str, ...]
    elsewhere: bool
    """Whether it is another county's."""
    score: int
    points: tuple[tuple[Factor, int], ...]
    """By factor; together the score."""
    against: tuple[Code, ...]
    proposed: bool
    """Whether the run proposes it."""
    ground: Ground | None
    """Why the run does not; unknown without a run, or of a team it had not looked at."""
    loss: int

    @property
    def suits(self) -> bool:
        return not self.against


@dataclass(frozen=True, slots=True)
class Options:
    """The teams for one child: the run's own proposal, the others by points, and the barred."""

    suitable: list[Option]
    barred: list[Option]
    most: int
    """What no pair can exceed."""


def ranked(options: Iterable[Option], most: int) -> Options:
    found = list(options)
    suitable = [one for one in found if one.suits]
    barred = [one for one in found if not one.suits]
    return Options(
        sorted(suitable, key=lambda one: (not one.proposed, -one.score, one.team_id)),
        sorted(barred, key=lambda one: (len(one.against), one.team_id)),
        most,
    )
