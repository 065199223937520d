"""How pairings go: school year after school year, until somebody ends them."""

from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.rules import PUBLIC
from campaigns.rules import Stage as CampaignStage
from demo.world import Crew, Edition, World
from pairings.rules import ASKING, DECIDING, OVER, EndReason, Stage, school_year_end

FINISHED = OVER
NEW = DECIDING | ASKING | {Stage.SCHEDULED_INTRO}
ENDINGS = {
    EndReason.TERM_OVER: 14.0,
    EndReason.TEAM_LEFT: 6.0,
    EndReason.CHILD_MOVED: 5.0,
    EndReason.CHILD_SAYS_NO: 2.0,
    EndReason.CONSENT_WITHDRAWN: 3.0,
}
YEAR_ENDS, A_YEAR = (7, 10), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Course:
    """How one term goes."""

    stage: Stage
    starts_on: date
    ends_on: date
    ended_on: date | None
    reason: EndReason | None


def courses_of(world: World, stage: Stage, crew: Crew) -> list[Course]:
    """Return the terms of a pairing, the newest last; a new school year is a new term."""
    rng, today = world.rng, world.today
    if stage in NEW:
        since = today - timedelta(days=rng.randint(0 if stage in DECIDING else 2, 6))
        return [Course(stage, since, school_year_end(today, *YEAR_ENDS), None, None)]
    start = min(crew.formed_on + timedelta(days=rng.randint(5, 40)), today - timedelta(days=20))
    over = _over(world, stage, start)
    courses = []
    while (autumn := _next_autumn(start)) <= (over or today):
        end = autumn - timedelta(days=1)
        courses.append(Course(Stage.ENDED, start, end, end, EndReason.TERM_OVER))
        start = min(autumn + timedelta(days=rng.randint(5, 12)), over or today)
    until = over or min(school_year_end(today, *YEAR_ENDS), start + A_YEAR)
    reason = None
    if stage is Stage.ENDING:
        until = min(until, today + timedelta(days=rng.randint(10, 28)))
    if over is not None:
        terminated = stage is Stage.TERMINATED_SAFEGUARDING
        reason = EndReason.SAFEGUARDING if terminated else world.weighted(ENDINGS)
    courses.append(Course(stage, start, max(until, start), over, reason))
    return courses


def _over(world: World, stage: Stage, start: date) -> date | None:
    """Return when a pairing ended, for one that has: not before it had gone on for a month."""
    if stage not in FINISHED:
        return None
    over = world.today - timedelta(days=world.rng.randint(5, 150))
    return max(over, min(start + timedelta(days=30), world.today))


def _next_autumn(day: date) -> date:
    """Return the next first of September, when schools begin."""
    autumn = date(day.year, 9, 1)
    return autumn if day < autumn else date(day.year + 1, 9, 1)


def edition_on(world: World, day: date) -> Edition:
    """Return the edition that a pairing of that day belongs to."""
    public = [one for one in world.editions if one.stage in PUBLIC - {CampaignStage.RECRUITING}]
    running = [one for one in public if one.visits[0] <= day <= one.visits[1]]
    begun = [one for one in public if one.visits[0] <= day]
    return world.rng.choice(running or begun or public)
