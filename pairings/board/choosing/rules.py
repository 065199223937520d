"""Two teams side by side, factor by factor."""

from collections.abc import Sequence
from dataclasses import dataclass

from pairings.board.options.rules import Option
from pairings.matching.model import Factor


@dataclass(frozen=True, slots=True)
class Line:
    factor: Factor
    points: tuple[int, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.points)) > 1


def lines(options: Sequence[Option]) -> list[Line]:
    """Return the points of each factor that any of the teams has, in the order shown."""
    given = [dict(one.points) for one in options]
    return [
        Line(factor, tuple(points.get(factor, 0) for points in given))
        for factor in Factor
        if any(factor in points for points in given)
    ]
