"""Telling a volunteer and the county's coordinators a month, a week and a day's end before."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

from accounts.queries import holders
from accounts.rules import Role
from core import clock
from core.db import transaction
from core.zone import CHINA
from messages.services import Notice, plan
from volunteers.evidence.ending.queries import Ending, endings
from volunteers.evidence.ending.rules import stage

KIND = "clearance_ends"
AT_ONCE = 500


def tell() -> int:
    """Tell whoever's clearance ends in 30, 7 or 0 days, once each; return how many messages."""
    found = [one for one in endings(clock.today()) if stage(one.last, clock.today()) is not None]
    staff: dict[int, list[int]] = {}
    for county_id in {one.county_id for one in found}:
        with transaction():
            staff[county_id] = [row.id for row in holders(Role.COORDINATOR, [county_id])]
    starts = range(0, len(found), AT_ONCE)
    return sum(_tell(found[start : start + AT_ONCE], staff) for start in starts)


def _tell(few: Sequence[Ending], staff: dict[int, list[int]]) -> int:
    with transaction():
        return plan([notice for one in few for notice in _notices(one, staff[one.county_id])])


def _notices(one: Ending, staff: Sequence[int]) -> Iterator[Notice]:
    """Give a notice for each reader; its key makes it one for each last day and stage."""
    due = stage(one.last, clock.today())
    for person_id in (one.person_id, *(who for who in staff if who != one.person_id)):
        yield Notice(
            kind=KIND,
            key=f"{KIND}/{one.uid}/{one.last.isoformat()}/{due}/{person_id}",
            params={
                "name": one.name,
                "uid": one.uid,
                "own": person_id == one.person_id,
                "until": one.last.isoformat(),
            },
            due_at=clock.now(),
            expire_at=datetime.combine(one.last, time(23, 59), CHINA),
            person_id=person_id,
        )
