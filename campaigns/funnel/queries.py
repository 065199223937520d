"""The numbers of a campaign, for those who work on it or answer for a county of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, or_, select, true

from accounts.rules import Actor, Role
from campaigns.blocks.models import Block
from campaigns.funnel.models import FunnelCount
from campaigns.funnel.rules import DIRECT, GONE, Grouped, Numbers, Period, Row, Step, folded
from campaigns.manage.queries import visible
from campaigns.models import Campaign, Slot
from campaigns.posters.models import CampaignPlace
from campaigns.rules import CURRENT, HALTED, PUBLIC
from campaigns.seats.rules import SeatState
from campaigns.signups.day.models import Attendance
from campaigns.signups.models import SignUp
from campaigns.signups.queries import in_reach
from core import clock
from core.db import AnySelect, db
from core.errors import NotYours
from core.zone import CHINA
from places.models import Area, Organisation
from places.queries import in_language, shown
from places.rules import Level
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer

SOURCE = "slot"
"""Of the hours that are credited for a seat (campaigns.signups.day)."""
CAME = (SeatState.ARRIVED, SeatState.COMPLETED)
"""Where a sign-up stands whose people have come, on one day at least."""
MOST_DAYS = 60
Places = Sequence[tuple[str, str]]
"""The tag or uid, and the name of each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which numbers somebody wants and may see."""

    campaign: Campaign
    counties: tuple[int, ...] | None
    """Of whoever answers for these only; None for those who work on the campaign."""
    period: Period = Period.MONTH
    source: str | None = None
    """A tag, empty for those who came without one; None for all."""

    @property
    def place(self) -> str:
        """The source as the address says it."""
        return "" if self.source is None else self.source or DIRECT


def in_reach_of(actor: Actor) -> Places:
    """Return the running campaigns with slots in a coordinator's counties: uid and title of each.

    The latest ten, whose numbers are still worth a look.
    """
    here = exists().where(Slot.campaign_id == Campaign.id, in_reach(actor))
    rows = db.session.execute(
        select(Campaign.uid, Campaign.title, Campaign.title_en)
        .where(Campaign.stage.in_(CURRENT), here)
        .order_by(Campaign.visits_from.desc(), Campaign.id.desc())
        .limit(10)
    )
    return [(row.uid, shown(row.title, row.title_en)) for row in rows]


def asked(uid: str, actor: Actor) -> Asked:
    """Return a campaign with what somebody may see of its numbers. Raises NotYours."""
    counties = tuple(
        reach.area_id for reach in actor.reaches(Role.COORDINATOR) if reach.level is Level.COUNTY
    )
    whole = visible(actor)
    here = exists().where(Slot.campaign_id == Campaign.id, Slot.county_id.in_(counties))
    row = db.session.execute(
        select(Campaign, case((whole, 1), else_=0).label("whole")).where(
            Campaign.uid == uid, or_(whole, and_(Campaign.stage.in_(PUBLIC | HALTED), here))
        )
    ).first()
    if row is None:
        raise NotYours
    return Asked(row.Campaign, None if row.whole else counties)


def narrowed(found: Asked, period: Period, place: str, places: Places) -> Asked:
    """Return the same, of a period and of a place by its tag; of all if there is no such place."""
    tags = {tag for tag, _name in places} | {DIRECT}
    source = None if place not in tags else "" if place == DIRECT else place
    return replace(found, period=period, source=source)


def places_of(campaign_id: int) -> Places:
    rows = db.session.execute(
        select(CampaignPlace.tag, CampaignPlace.name)
        .where(CampaignPlace.campaign_id == campaign_id)
        .order_by(CampaignPlace.id)
    )
    return [(row.tag, row.name) for row in rows]


def numbers(of: Asked, places: Places) -> Numbers:
    """Return the numbers: looks from their counters, the rest from the sign-ups themselves."""
    tags = {tag for tag, _name in places} | {""}
    rows = [
        one if one.source in tags else replace(one, source=GONE)
        for one in (*_looks(of), *_seats(of))
    ]
    total = Row("")
    for one in rows:
        total.add(one.row)
    if of.counties is not None and not total.viewed:
        total.viewed = None
    counties, schools = folded(rows, "county"), folded(rows, "school")
    counties.pop("", None)
    for row in counties.values():
        row.viewed = None
    for row in schools.values():
        row.viewed = row.opened = None
    return Numbers(
        total,
        sorted(folded(rows, "source").values(), key=lambda row: (-row.held, row.key)),
        sorted(counties.values(), key=lambda row: (-row.held, row.name)),
        sorted(
            (row for row in schools.values() if row.held),
            key=lambda row: (not row.key, -row.held, row.name),
        ),
        _days(of),
    )


def _counters(of: Asked) -> list[ColumnElement[bool]]:
    since = of.period.since(clock.today())
    return [
        FunnelCount.campaign_id == of.campaign.id,
        FunnelCount.day >= since if since else true(),
        FunnelCount.source == of.source if of.source is not None else true(),
        FunnelCount.area_id.in_(of.counties) if of.counties is not None else true(),
    ]


def _looks(of: Asked) -> list[Grouped]:
    grouped = (FunnelCount.step, FunnelCount.source, Area.name, Area.name_en)
    found = db.session.execute(
        select(*grouped, func.sum(FunnelCount.count).label("many"))
        .join(Area, Area.id == FunnelCount.area_id)
        .where(*_counters(of))
        .group_by(*grouped)
    )
    return [
        Grouped(
            one.source,
            "" if one.step is Step.VIEWED else shown(one.name, one.name_en),
            "",
            _looked(one.step, int(one.many)),
        )
        for one in found
    ]


def _looked(step: Step, many: int) -> Row:
    row = Row("")
    setattr(row, step.value, many)
    return row


def _seats(of: Asked) -> list[Grouped]:
    """Return how many signed up in the period, and how far they have come until now."""
    return [
        Grouped(
            one.source,
            shown(one.name, one.name_en),
            one.school,
            Row(
                "",
                held=int(one.held),
                confirmed=int(one.sure),
                arrived=int(one.came),
                minutes=int(one.minutes),
            ),
        )
        for one in db.session.execute(_counted().where(*_joined(of)))
    ]


def _counted() -> AnySelect:
    """Return the sums of sign-ups by place, county and school, not yet of any campaign."""
    grouped: tuple[Any, ...] = (
        SignUp.source, Area.name, Area.name_en, Organisation.name, Organisation.name_en,
    )  # fmt: skip
    school = func.coalesce(in_language(Organisation.name, Organisation.name_en), "").label("school")
    return _at_schools(
        select(
            *grouped[:3],
            school,
            func.sum(SignUp.party).label("held"),
            func.sum(case((SignUp.confirmed_at.is_not(None), SignUp.party), else_=0)).label("sure"),
            func.sum(case((SignUp.state.in_(CAME), SignUp.party), else_=0)).label("came"),
            func.coalesce(func.sum(_minutes()), 0).label("minutes"),
        )
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Area, Area.id == Slot.county_id)
        .outerjoin(Volunteer, Volunteer.person_id == SignUp.person_id)
        .group_by(*grouped)
    )


def _minutes() -> ScalarSelect[int]:
    """Return the credited minutes of a sign-up, all its days together: each by its own index."""
    return (
        select(func.sum(HourEntry.minutes))
        .join(Attendance, HourEntry.source_ref == Attendance.uid)
        .where(
            Attendance.sign_up_id == SignUp.id,
            HourEntry.volunteer_id == Volunteer.id,
            HourEntry.source == SOURCE,
        )
        .correlate(SignUp, Volunteer)
        .scalar_subquery()
    )


def _at_schools(counted: AnySelect) -> AnySelect:
    """Join whose seats somebody sits on, else whom they belong to, else whose name they typed."""
    named = (
        select(func.min(Organisation.id).label("id"), Organisation.name.label("typed"))
        .group_by(Organisation.name)
        .subquery()
    )
    school_id = func.coalesce(Block.org_id, Volunteer.org_id, named.c.id)
    return (
        counted.outerjoin(named, named.c.typed == SignUp.org_text)
        .outerjoin(Block, Block.id == SignUp.block_id)
        .outerjoin(Organisation, Organisation.id == school_id)
    )


def _joined(of: Asked) -> list[ColumnElement[bool]]:
    since = of.period.since(clock.today())
    first = datetime.combine(since, time(), CHINA) if since else None
    return [
        Slot.campaign_id == of.campaign.id,
        SignUp.created_at >= first if first else true(),
        SignUp.source == of.source if of.source is not None else true(),
        Slot.county_id.in_(of.counties) if of.counties is not None else true(),
    ]


def _days(of: Asked) -> list[tuple[date, int, int]]:
    """Return how often pages and slots were opened, day by day: at most the last sixty days."""
    viewed, opened = (
        func.sum(case((FunnelCount.step == step, FunnelCount.count), else_=0))
        for step in (Step.VIEWED, Step.OPENED)
    )
    rows = db.session.execute(
        select(FunnelCount.day, viewed.label("viewed"), opened.label("opened"))
        .where(*_counters(of), FunnelCount.step != Step.HELD)
        .group_by(FunnelCount.day)
        .order_by(FunnelCount.day.desc())
        .limit(MOST_DAYS)
    )
    found = {row.day: (int(row.viewed), int(row.opened)) for row in rows}
    if not found:
        return []
    last = max(found)
    first = max(min(found), last - timedelta(days=MOST_DAYS - 1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, *found.get(day, (0, 0))) for day in days]
