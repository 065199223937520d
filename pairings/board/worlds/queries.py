"""The world a run was made of, opened once a process; without a run, the world of this moment.

A run's world never changes, so it may be kept: ids, bits and numbers, in memory only.
"""

from dataclasses import dataclass

from core import clock
from core.remembering import Remembered
from pairings.board.crowd.rules import Crowd, Judged, one_by_one
from pairings.board.queries import Waiting
from pairings.matching.document import read_world
from pairings.matching.model import Child, Team, World
from pairings.matching.preparing import prepared
from pairings.matching.weighing import Weighing
from pairings.runs.models import MatchRun
from pairings.runs.storing.services import document_of
from pairings.runs.world.queries import Asked, found

KEPT = 4
"""Runs at once: one a county that is worked on."""
LASTS = 600.0
"""Seconds after which a run nobody looks at leaves this process: a child in it may be erased."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A world as a run has matched it, with what children weigh in it."""

    world: World
    children: dict[int, Child]
    teams: dict[int, Team]
    weighing: Weighing | None = None
    crowd: Crowd | None = None
    """Both only of a run's world: a fresh one is asked by one child, once."""

    def judged(self, child: Child) -> Judged:
        """Return what the judge says of each team for a child."""
        if self.crowd is None:
            return one_by_one(child, self.world)
        return self.crowd.judged(child)


def _seen(world: World, weighing: Weighing | None = None, crowd: Crowd | None = None) -> Seen:
    children = {child.id: child for child in world.children}
    return Seen(world, children, {team.id: team for team in world.teams}, weighing, crowd)


OPENED: Remembered[Seen | None] = Remembered(KEPT, LASTS)
"""By the name of a run."""


def of_run(run: MatchRun) -> Seen | None:
    """Return what a run was made of; None when its document is gone, in memory too.

    It goes with the erasure of any child it may hold, which makes another version of the run.
    """
    return OPENED.get(run.uid, run.version, lambda: _open(run.uid))


def _open(uid: str) -> Seen | None:
    try:
        stored = document_of(uid)
    except LookupError:
        return None
    world, _alarms = prepared(read_world(stored["input"]))
    return _seen(world, Weighing.of(world), Crowd(world))


def of_child(waiting: Waiting) -> Seen:
    """Return the world around one child as the run has it, or as it is now."""
    seen = of_run(waiting.run) if waiting.run is not None else None
    if seen is not None and waiting.child.id in seen.children:
        return seen
    child = waiting.child
    return _seen(found(Asked((child.county_id,), clock.today(), child_id=child.id)).world)
