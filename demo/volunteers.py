"""Volunteers as they come: students mostly, some on their way, most of them ready to visit."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from accounts.rules import Role
from campaigns.rules import PUBLIC, Stage
from core.ids import digest
from demo.clearing import clear
from demo.staff import grant
from demo.world import County, Edition, Helper, World, shared_out
from volunteers.models import FreeTime, Volunteer
from volunteers.profile.services import initials
from volunteers.rules import Period, Sex, Skill, Slot, Status, Step
from volunteers.students.models import StudentStatus
from volunteers.students.rules import TERM_ENDS, How, term_end

WOMEN, READY_FOR_TWO = 0.62, 0.8
OTHERS = {
    Status.APPLIED: 30.0,
    Status.EXPIRED: 6.0,
    Status.PAUSED: 5.0,
    Status.SUSPENDED: 2.0,
    Status.EXITED: 2.0,
    Status.BARRED: 0.2,
}
"""domain.md §7: applied, screening and trained are all on their way to active."""
STEPS = {
    Step.PROFILE: 2.0,
    Step.PLEDGE: 1.5,
    Step.IDENTITY: 4.5,
    Step.SCREENING: 10.0,
    Step.TRAINING: 4.0,
    Step.INSURANCE: 3.0,
    Step.ACTIVATION: 5.0,
}
AT_EVERY_STEP = (*[Status.ACTIVE] * 12, *[Status.APPLIED] * len(STEPS), Status.SUSPENDED)
"""Who is there for the sign-ins to work with: teams, and somebody at every step to clearance."""
REASONS = {
    Status.PAUSED: "外出实习，下学期回来",
    Status.EXITED: "毕业离开晋中",
    Status.SUSPENDED: "有情况需要核实",
    Status.BARRED: "入职查询不符合要求",
    Status.EXPIRED: "手续到期",
}
AFTER_SCHOOL = (16 * 60 + 30, 18 * 60)
MORNING, AFTERNOON = (9 * 60, 12 * 60), (13 * 60 + 30, 16 * 60 + 30)
A_WHILE = timedelta(days=45)
A_YEAR = timedelta(days=430)
initials_of = cache(initials)


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who is about to become a volunteer here."""

    county: County
    status: Status
    step: Step | None = None
    login: str = ""
    hit: bool = False
    near: bool = False
    """Whether they are of the organisation whose lead has a sign-in."""


def gather(world: World) -> None:
    """Add the volunteers, county by county."""
    total = world.size.volunteers
    active = round(total * world.size.active)
    counts = [active, *shared_out(total - active, list(OTHERS.values()))]
    statuses = [
        status
        for status, number in zip((Status.ACTIVE, *OTHERS), counts, strict=True)
        for _each in range(number)
    ]
    world.rng.shuffle(statuses)
    for county, share in zip(world.counties, _shares(world), strict=True):
        here, statuses = statuses[:share], statuses[share:]
        _in_county(world, county, here, story=county is world.counties[0])


def _shares(world: World) -> list[int]:
    """Return how many volunteers each county has: as many as its children ask for."""
    total = world.size.volunteers
    weights = [float(len(world.kids[county.id])) for county in world.counties]
    first = max(shared_out(total, weights)[0], len(AT_EVERY_STEP))
    return [first, *shared_out(total - first, weights[1:])]


def _in_county(world: World, county: County, statuses: list[Status], *, story: bool) -> None:
    logins, steps = (["leader", "volunteer"] if story else []), list(STEPS)
    if story:
        statuses = [*AT_EVERY_STEP, *statuses[len(AT_EVERY_STEP) :]]
    hits = 1 if county in world.counties[:2] else 0
    for status in statuses:
        step, hit, near = None, status is Status.BARRED, False
        if status is Status.APPLIED:
            near = story and bool(steps)
            step = steps.pop(0) if steps else world.weighted(STEPS)
        if status is Status.SUSPENDED:
            hit, hits = hits > 0, hits - 1
        login = logins.pop(0) if logins and status is Status.ACTIVE else ""
        near = near or bool(login)
        _add(world, Coming(county, status, step, login, hit, near))


def _add(world: World, coming: Coming) -> None:
    edition = _origin(world, coming)
    open_for = min(edition.recruit[1], world.today) - edition.recruit[0]
    applied = edition.recruit[0] + timedelta(days=world.rng.randint(0, open_for.days))
    person_id, name = _person(world, coming, applied)
    woman = coming.login == "leader" or (not coming.login and world.chance(WOMEN))
    place = 0 if coming.near else world.rng.randrange(len(world.organisations) + 2)
    org_id, org = world.organisations[place] if place < len(world.organisations) else (None, "")
    helper = Helper(
        id=world.bulk.reserve(Volunteer),
        person_id=person_id,
        name=name,
        county=coming.county,
        status=coming.status,
        woman=woman,
        org_id=org_id,
        applied_on=applied,
        cleared_from=applied,
        cleared_until=applied,
        capacity=2 if coming.login or world.chance(READY_FOR_TWO) else 1,
        skills=sorted(world.rng.sample(list(Skill), world.rng.randint(2, 4))),
        free=_free(world, coming),
    )
    clear(world, helper, coming.step, hit=coming.hit)
    _row(world, helper, coming, org)
    if coming.login and org_id:
        _studies(world, helper, org_id)
    world.helpers.append(helper)
    world.joined.append((helper, edition, applied))


def _person(world: World, coming: Coming, applied: date) -> tuple[int, str]:
    if coming.login:
        return world.staff[coming.login], world.names[coming.login]
    return world.person(since=applied)


def _origin(world: World, coming: Coming) -> Edition:
    """Return the edition somebody first signed up for: long enough ago for what they are."""
    public = [one for one in world.editions if one.stage in PUBLIC]
    if coming.status is Status.APPLIED:
        recruiting = [one for one in public if one.stage is Stage.RECRUITING]
        recent = [one for one in public if one.stage in {Stage.RUNNING, Stage.WRAP_UP}]
        return world.rng.choice(recruiting if world.chance(0.6) else recent)
    old = {Status.EXPIRED: A_YEAR, Status.EXITED: A_YEAR}
    ago = A_YEAR if coming.login else old.get(coming.status, A_WHILE)
    fitting = [one for one in public if one.recruit[1] <= world.today - ago]
    return world.rng.choices(fitting, [one.goal for one in fitting])[0]


def _free(world: World, coming: Coming) -> list[tuple[Period, Slot]]:
    """Return when somebody is free: weekends above all, some after school as well."""
    if coming.step is Step.PROFILE:
        return []
    wanted = 4 if coming.login else world.rng.choice((2, 3, 3, 4))
    weekend = [(day, *hours) for day in (5, 6) for hours in (MORNING, AFTERNOON)]
    found = world.rng.sample(weekend, wanted)
    if world.chance(0.3):
        found.append((world.rng.randrange(5), *AFTER_SCHOOL))
    period = Period.BREAK if not coming.login and world.chance(0.1) else Period.ALWAYS
    return [(period, Slot(*stretch)) for stretch in sorted(found)]


def _row(world: World, helper: Helper, coming: Coming, org: str) -> None:
    known = coming.step is not Step.PROFILE
    rng = world.rng
    facts: dict[str, Any] = {"sex": None, "birth_year": None, "skills": []}
    if known:
        facts = {
            "sex": Sex.FEMALE if helper.woman else Sex.MALE,
            "birth_year": helper.applied_on.year - rng.randint(19, 22),
            "skills": helper.skills,
        }
    begun = helper.status is not Status.APPLIED
    world.bulk.add(
        Volunteer,
        id=helper.id,
        person_id=helper.person_id,
        number=f"TX{helper.id:06}",
        status=helper.status,
        county_id=helper.county.id,
        org_id=helper.org_id if known else None,
        org_text=org if not known else "" if org else "自己报名",
        initials=initials_of(helper.name),
        capacity=helper.capacity,
        applied_at=world.past(helper.applied_on),
        activated_at=world.past(helper.cleared_from) if begun else None,
        status_reason=REASONS.get(helper.status, ""),
        **facts,
    )
    _free_times(world, helper)
    grant(world, helper.person_id, Role.VOLUNTEER, from_on=helper.applied_on)


def _studies(world: World, helper: Helper, org_id: int) -> None:
    """Let somebody with a sign-in have shown by campus mail that they study."""
    proof = digest(f"demo/{helper.person_id}")
    world.bulk.add(
        StudentStatus,
        uid=proof[:22],
        person_id=helper.person_id,
        org_id=org_id,
        how=How.MAIL,
        proof=proof,
        since=world.today - timedelta(days=1),
        until=term_end(world.today, TERM_ENDS),
    )


def _free_times(world: World, helper: Helper) -> None:
    for period, slot in helper.free:
        world.bulk.add(
            FreeTime,
            volunteer_id=helper.id,
            period=period,
            weekday=slot.weekday,
            start_minute=slot.start,
            end_minute=slot.end,
        )
