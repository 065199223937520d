"""Reading children's files: always by what the person asking answers for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, String, and_, cast, func, select

from accounts.rules import Actor, Role
from children.consents.queries import complete, held
from children.models import Child, ChildFreeTime
from children.rules import CLOSED, WORDS, Need, NeedState, Step, Stretch
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Key, Page, page_of
from core.tiers import Shown, Tier
from places.models import Area
from places.queries import within
from places.rules import Level

READERS = (
    Role.CHILD_DIRECTOR,
    Role.CHILD_SUPERVISOR,
    Role.COORDINATOR,
    Role.SAFEGUARDING_LEAD,
)
LIVING = [state for state in NeedState if state not in CLOSED]
LAST = date(9999, 12, 31)
OFFERED = 40


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of files is narrowed down to."""

    step: Step | None = None
    need: Need | None = None
    lacking: bool = False


def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a child is one this person answers for, in these roles if named."""
    return within(Child, actor.reaches(*(roles or READERS)))


def child(uid: str, actor: Actor) -> Child:
    """Return a child's file. Raises NotYours."""
    found = db.session.scalar(select(Child).where(Child.uid == uid, visible(actor)))
    if found is None:
        raise NotYours
    return found


def staffs(child: Child) -> Shown:
    """Return a file as those read it who answer for the place."""
    return Shown(child, Tier.NEED_TO_KNOW)


def at_step(step: Step) -> ColumnElement[bool]:
    """Return the condition that a file stands there."""
    reported = Child.state == NeedState.REPORTED
    return {
        Step.TO_VERIFY: and_(reported, Child.sent_back_note == ""),
        Step.SENT_BACK: and_(reported, Child.sent_back_note != ""),
        Step.TO_OPEN: Child.state == NeedState.VERIFIED,
        Step.OPEN: Child.state == NeedState.OPEN,
        Step.MATCHED: Child.state == NeedState.MATCHED,
        Step.CLOSED: Child.state.in_(CLOSED),
    }[step]


def without_consent() -> ColumnElement[bool]:
    """Return the condition that a child on file lacks a consent that a pairing needs."""
    return and_(Child.state.in_(LIVING), ~complete(clock.today()))


def has_need(need: Need) -> ColumnElement[bool]:
    """Return the condition that the need is one of the child's: by its name in quotes."""
    return cast(Child.needs, String).contains(f'"{need}"', autoescape=True)


def listing(actor: Actor, filters: Filters, *, after: str | None) -> Page[AnyRow]:
    """Return a page of files, the longest wait first, those not yet open at the end."""
    asked = select(
        Child.uid,
        Child.alias,
        Child.girl,
        Child.age_band,
        Child.risk,
        Child.needs,
        Child.state,
        Child.sent_back_note,
        Child.open_since,
        Child.village_id,
        Child.township_id,
        *held(clock.today()),
    ).where(visible(actor))
    if filters.step:
        asked = asked.where(at_step(filters.step))
    if filters.need:
        asked = asked.where(has_need(filters.need))
    if filters.lacking:
        asked = asked.where(without_consent())
    keys: list[Key] = [func.coalesce(Child.open_since, LAST), Child.id]
    return page_of(asked, keys, after=after)


def counts(actor: Actor) -> dict[Step, int]:
    """Return how many of somebody's files stand where."""
    columns = [func.count().filter(at_step(step)).label(step) for step in Step]
    row = db.session.execute(select(*columns).select_from(Child).where(visible(actor))).one()
    return dict(zip(Step, row, strict=True))


def waiting(actor: Actor, *conditions: ColumnElement[bool], roles: Sequence[Role]) -> list[int]:
    """Return how many files of these roles' places meet each of the conditions, in one query."""
    columns = [func.count().filter(condition) for condition in conditions]
    row = db.session.execute(
        select(*columns).select_from(Child).where(visible(actor, *roles))
    ).one()
    return list(row)


def free_times(child_id: int) -> list[Stretch]:
    """Return when a child may be visited each week, in the order of the week."""
    rows = db.session.execute(
        select(ChildFreeTime.weekday, ChildFreeTime.start_minute, ChildFreeTime.end_minute)
        .where(ChildFreeTime.child_id == child_id)
        .order_by(ChildFreeTime.weekday, ChildFreeTime.start_minute)
    )
    return [Stretch(*row) for row in rows]


def own_villages(actor: Actor) -> Sequence[Area]:
    """Return the villages somebody is the child director of."""
    area_ids = [
        reach.area_id
        for reach in actor.reaches(Role.CHILD_DIRECTOR)
        if reach.level is Level.VILLAGE
    ]
    return db.session.scalars(
        select(Area).where(Area.id.in_(area_ids)).order_by(Area.nbs_code)
    ).all()


def free_alias(county_id: int) -> str:
    """Return an alias nobody in the county has, as a suggestion: words of nature, two digits."""
    offered = {f"小{secrets.choice(WORDS)}{secrets.randbelow(100):02}" for _turn in range(OFFERED)}
    taken = db.session.scalars(
        select(Child.alias).where(Child.county_id == county_id, Child.alias.in_(offered))
    ).all()
    free = sorted(offered - set(taken))
    return secrets.choice(free) if free else ""


def county_of(village_id: int) -> int | None:
    """Return the county a village lies in."""
    township = select(Area.parent_id).where(Area.id == village_id).scalar_subquery()
    return db.session.scalar(select(Area.parent_id).where(Area.id == township))


def waiting_by_county() -> dict[int, int]:
    """Return how many children's needs are open in each county: a number, no file."""
    rows = db.session.execute(
        select(Child.county_id, func.count())
        .where(Child.state == NeedState.OPEN)
        .group_by(Child.county_id)
    )
    return {row[0]: row[1] for row in rows}
