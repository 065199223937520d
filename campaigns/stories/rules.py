"""Small stories of a campaign, and the gate each of them passes before anybody reads it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from accounts.rules import Role

MOST_CHILDREN = 30
COLUMNS, ROWS = 8, 6
"""Of the grid laid over a picture to say what is to be hidden."""


class State(StrEnum):
    """Where a story stands (domain.md §5.5)."""

    DRAFT = "draft"
    FIRST_CHECK = "first_check"
    SECOND_CHECK = "second_check"
    FINAL_CHECK = "final_check"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Hiding(StrEnum):
    """What was said of faces when a picture was added."""

    NONE_TO_SEE = "none_to_see"
    MASKED = "masked"


class Cause(StrEnum):
    """Why a story is public no more."""

    DESK = "desk"
    CONSENT = "consent"


class Check(StrEnum):
    """What each checker has looked at."""

    NAMES_NOBODY = "names_nobody"
    PICTURE = "picture"
    CHILDREN = "children"
    DIGNITY = "dignity"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the gate: whose it is, and where it leads from where."""

    roles: tuple[Role, ...]
    source: State
    target: State


CHECKING = {
    State.FIRST_CHECK: Step((Role.EDITOR, Role.PUBLISHER), State.FIRST_CHECK, State.SECOND_CHECK),
    State.SECOND_CHECK: Step((Role.SAFEGUARDING_LEAD,), State.SECOND_CHECK, State.FINAL_CHECK),
    State.FINAL_CHECK: Step((Role.PUBLISHER,), State.FINAL_CHECK, State.PUBLISHED),
}
IN_THE_GATE = frozenset(CHECKING)
ENDING = frozenset(State) - {State.WITHDRAWN}
LINKING = frozenset({State.DRAFT, State.FIRST_CHECK, State.SECOND_CHECK})
"""While children may still be named: what is checked last has to be what is published."""


@dataclass(frozen=True, slots=True)
class Hands:
    """Who has had a story in hand so far."""

    author: int
    first: int | None
    second: int | None

    def bar(self, person_id: int | None, state: State) -> bool:
        """Whether somebody may not take the step that is due: it has been in their hands."""
        before = {self.author, self.second if state is State.FINAL_CHECK else self.first}
        return person_id is None or person_id in before - {None}


def cell(column: int, row: int) -> str:
    """Return the name of a cell of the grid, both counted from 0."""
    return f"{column}-{row}"


CELLS = tuple(cell(column, row) for row in range(ROWS) for column in range(COLUMNS))


def boxes(cells: Collection[str]) -> list[tuple[int, int, int, int]]:
    """Return the cells as left, top, right and bottom in thousandths of the picture.

    Raises ValueError for what is no cell of the grid.
    """
    found = []
    for name in sorted(set(cells)):
        if name not in CELLS:
            raise ValueError(name)
        column, row = (int(part) for part in name.split("-"))
        left, right = column * 1000 // COLUMNS, (column + 1) * 1000 // COLUMNS
        found.append((left, row * 1000 // ROWS, right, -(-(row + 1) * 1000 // ROWS)))
    return found
