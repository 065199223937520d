"""What is done when nobody has come in time, step by step. Nothing here reads a clock.

Each step also sends somebody to look after the child: a lapse is first of all a child who waited.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum


class Step(StrEnum):
    """The rungs in their order."""

    REMIND = "remind"
    TASK = "task"
    NOTICE = "notice"
    PAUSE = "pause"
    END = "end"


class Check(StrEnum):
    """What whoever looked after the child says; a choice, so that nobody writes a story."""

    WELL = "well"
    WANTS_VISIT = "wants_visit"
    CONCERN = "concern"


FOR_GOOD = frozenset({Step.PAUSE, Step.END})
"""Steps that wait while a visit is planned: whoever is coming is not sent away."""


def next_step(
    days_over: int, taken: Mapping[Step, date], today: date, ladder: Sequence[int]
) -> Step | None:
    """Return the one step to take today for a missed window, or None.

    Steps keep their distance even when runs were missed: nobody is paused on the day on which
    they are first reminded.
    """
    for place, (step, after) in enumerate(zip(Step, ladder, strict=False)):
        if step in taken:
            continue
        if days_over < max(after, 0) or days_over < 0:
            return None
        if place == 0:
            return step
        before = tuple(Step)[place - 1]
        waited = (today - taken[before]).days
        return step if waited >= after - ladder[place - 1] else None
    return None
