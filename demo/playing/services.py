"""Playing ahead: the demonstration's clock goes on, and the site works as if days passed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from core import clock
from core.errors import RuleBroken
from core.fences import everything
from core.i18n import _
from core.logs import log
from demo.playing.rules import LONGEST, moments, new_day

MOST_PASSES = 200
"""So often the ledger is emptied at one moment; more would be somebody planning for ever."""


class Task(Protocol):
    """Something the site does again and again."""

    @property
    def name(self) -> str: ...
    @property
    def act(self) -> Callable[[], object]: ...


@dataclass(frozen=True, slots=True)
class Played:
    """How often the site worked, and what failed meanwhile: names of tasks."""

    moments: int
    failed: tuple[str, ...]


def advance(length: timedelta) -> None:
    """Move the clock of every process of the demonstration. Raises RuleBroken when too far."""
    if not timedelta() < length <= LONGEST:
        raise RuleBroken(_("一次最多拨 %(days)d 天，只能往前拨", days=LONGEST.days))
    clock.advance(length)


def play(
    tasks: Sequence[Task],
    length: timedelta,
    *,
    tick: str,
    often: Collection[str] = (),
    told: Callable[[float], None] = lambda _share: None,
) -> Played:
    """Let a length of time pass; at each moment what is often to be done is done, daily the rest.

    `tick` names the task that sends messages: it comes last and is done until nothing is left to
    send. `told` hears the share that has been played, 0 to 1.
    """
    since = before = clock.now()
    failed, count = [], 0
    in_order = sorted(tasks, key=lambda task: task.name == tick)
    for moment in moments(since, since + length):
        clock.advance(moment - clock.now())
        daily = new_day(moment, before)
        for task in in_order:
            if daily or task.name == tick or task.name in often:
                failed += _act(task, until_done=task.name == tick)
        before, count = moment, count + 1
        told((moment - since) / length)
    return Played(count, tuple(failed))


def _act(task: Task, *, until_done: bool) -> list[str]:
    """Do a task, and tell its name when it failed: the others go on, as they do on a real site."""
    try:
        with everything():
            for _turn in range(MOST_PASSES if until_done else 1):
                if not task.act():
                    break
    except Exception as error:  # noqa: BLE001 - a task that fails must not stop the others
        log.error("task failed while playing", task=task.name, error=type(error).__name__)
        return [task.name]
    return []
