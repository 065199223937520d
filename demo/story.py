"""The visits of the sign-ins: one today, one to confirm, one to write down, one to approve."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.zone import CHINA
from demo.plans import Diary, Planned
from demo.world import World
from visits.rules import State

HALF_HOUR = timedelta(minutes=30)
SOON = timedelta(minutes=40)
EARLIEST, LATEST = (9, 0), (15, 30)
"""Between these a visit of an hour may begin on any day of the year."""


@dataclass(slots=True)
class Story:
    """What to add, the past first; `starts_at` is when today's visit begins."""

    before: list[tuple[Planned, State]] = field(default_factory=list)
    now: list[tuple[Planned, State]] = field(default_factory=list)
    starts_at: datetime | None = None


def story_visits(world: World, diary: Diary) -> Story:
    """Plan the visits of the two children whom the sign-ins' team accompanies."""
    found = Story()
    first, second = (match for match in world.matches if match.story)
    found.starts_at = _today(world)
    over = found.starts_at < world.now
    afternoon = found.starts_at.astimezone(CHINA).hour >= 12
    if diary.open(world.today):
        diary.take(first, world.today, afternoon=afternoon)
        state = State.COMPLETED if over else State.CONFIRMED
        found.now.append((Planned(first, world.today, afternoon), state))
    last = world.today - timedelta(days=1)
    for match, state in ((first, State.COMPLETED), (second, State.RECORDED)):
        day = diary.weekends(match, last - timedelta(days=14), last - timedelta(days=6))[-1:]
        for one in day:
            diary.take(match, one, afternoon=False)
            found.before.append((Planned(match, one, afternoon=False, place=1), state))
    for one in diary.weekends(
        second, world.today + timedelta(days=2), world.today + timedelta(days=9)
    )[:1]:
        diary.take(second, one, afternoon=True)
        found.now.append((Planned(second, one, afternoon=True), State.PLANNED))
    return found


def _today(world: World) -> datetime:
    """Return when today's visit begins: within the hour, or in the morning when it is late."""
    day = world.today
    soon = (world.now + SOON).astimezone(CHINA)
    rounded = soon.replace(minute=0 if soon.minute < 30 else 30, second=0, microsecond=0)
    earliest, latest = world.at(day, *EARLIEST), world.at(day, *LATEST)
    if rounded.date() != day or rounded > latest:
        return earliest
    return max(earliest, rounded)
