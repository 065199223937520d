"""Who is taken by the visits to come; of two that overlap the one planned first keeps them."""

from datetime import datetime, timedelta

from demo.plans import Planned
from demo.world import World
from visits.holds.models import Hold
from visits.rules import OPEN, State

TRAVEL = timedelta(minutes=30)


class Taken:
    """Adds the rows that keep two visits of one person apart."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._busy: dict[tuple[str, int], list[tuple[datetime, datetime]]] = {}

    def add(
        self, planned: Planned, visit_id: int, state: State, span: tuple[datetime, datetime]
    ) -> None:
        if state not in OPEN:
            return
        match = planned.match
        people = {one.person_id for one in match.crew.members} | {match.kid.village.director}
        self._take("child_id", match.kid.id, visit_id, span)
        for person_id in sorted(people):
            self._take("person_id", person_id, visit_id, span)

    def _take(self, whose: str, who: int, visit_id: int, span: tuple[datetime, datetime]) -> None:
        since, until = span[0], span[1] + TRAVEL
        busy = self._busy.setdefault((whose, who), [])
        if any(since < end and start < until for start, end in busy):
            return
        busy.append((since, until))
        ids = {"person_id": None, "child_id": None} | {whose: who}
        self._world.bulk.add(
            Hold, visit_id=visit_id, occasion=visit_id, busy_from=since, busy_until=until, **ids
        )
