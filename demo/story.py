"""The visits of the sign-ins: one today, one to confirm, one to write down, one to approve."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from core.zone import CHINA
from demo.plans import WEEK, Diary, Planned
from demo.world import Match, World
from visits.rules import State

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
    today = diary.plan(first, world.today, afternoon=afternoon)
    if today:
        found.now.append((today, State.COMPLETED if over else State.CONFIRMED))
    yesterday = world.today - timedelta(days=1)
    approve = _plan(diary, first, yesterday - 2 * WEEK, yesterday - WEEK)
    write = _plan(diary, second, yesterday - WEEK, yesterday)
    found.before += [(one, State.RECORDED) for one in approve]
    found.before += [(one, State.COMPLETED) for one in write]
    soon = max([world.today + timedelta(days=2), *(one.day + WEEK for one in write)])
    found.now += [(one, State.PLANNED) for one in _plan(diary, second, soon, soon + WEEK)]
    return found


def _plan(diary: Diary, match: Match, first: date, last: date) -> list[Planned]:
    """Plan a visit on the last fitting day of a stretch: none when there is no such day."""
    days = diary.weekends(match, first, last)[-1:]
    planned = [diary.plan(match, day, place=1, afternoon=False) for day in days]
    return [one for one in planned if one]


def _today(world: World) -> datetime:
    """Return when today's visit begins: within the hour, or in the morning when it is late."""
    day = world.today
    soon = (world.now + SOON).astimezone(CHINA)
    rounded = soon.replace(minute=0 if soon.minute < 30 else 30, second=0, microsecond=0)
    earliest, latest = world.at(day, *EARLIEST), world.at(day, *LATEST)
    if rounded.date() != day or rounded > latest:
        return earliest
    return max(earliest, rounded)
