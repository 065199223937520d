"""Reading the pairing board: children that wait for a team, and what they still lack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from accounts.rules import Actor, Role
from campaigns.models import Campaign
from campaigns.rules import Stage as CampaignStage
from children.consents.queries import complete, held, lacking_in
from children.models import Child, ChildFreeTime
from children.queries import has_need, visible
from children.rules import Need, NeedState, Purpose, Stretch
from core import clock
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, page_of
from pairings.models import Pairing
from pairings.rules import LIVE, school_year_end
from places.models import Area
from places.queries import shown

YEAR_END = (7, 10)
RUNNING = (CampaignStage.APPROVED, CampaignStage.RECRUITING, CampaignStage.RUNNING)
SHOWN_LACKING = 20


def unproposed() -> ColumnElement[bool]:
    """Return the condition that nobody has been proposed for a child yet."""
    return (
        ~select(Pairing.id)
        .where(Pairing.child_id == Child.id, Pairing.stage.in_(LIVE))
        .correlate(Child)
        .exists()
    )


def waiting_for_pairing(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a child of this coordinator's county waits for a team."""
    return and_(visible(actor, Role.COORDINATOR), Child.state == NeedState.OPEN, unproposed())


def _listed(actor: Actor, need: Need | None) -> AnySelect:
    listed = select(
        Child.uid,
        Child.alias,
        Child.girl,
        Child.age_band,
        Child.risk,
        Child.needs,
        Child.boarding,
        Child.open_since,
        Child.township_id,
        *held(clock.today()),
    ).where(waiting_for_pairing(actor))
    return listed.where(has_need(need)) if need else listed


def waiting(actor: Actor, need: Need | None = None, *, after: str | None = None) -> Page[AnyRow]:
    """Return a page of the children that may be paired today, the longest wait first."""
    ready = _listed(actor, need).where(complete(clock.today()))
    return page_of(ready, [Child.open_since, Child.id], after=after)


def without_consent(actor: Actor, need: Need | None = None) -> Sequence[AnyRow]:
    """Return the first children that wait but lack a consent, the longest wait first."""
    lacking = _listed(actor, need).where(~complete(clock.today()))
    return db.session.execute(
        lacking.order_by(Child.open_since, Child.id).limit(SHOWN_LACKING + 1)
    ).all()


def number_ready(actor: Actor) -> int:
    """Return how many children could be paired today."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Child)
            .where(waiting_for_pairing(actor), complete(clock.today()))
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child of the board: what it lacks for a pairing, and whether one is proposed already."""

    child: Child
    township: str
    lacking: tuple[Purpose, ...]
    unproposed: bool
    free: tuple[Stretch, ...]

    @property
    def ready(self) -> bool:
        """Whether a team may be proposed today."""
        return self.unproposed and not self.lacking and self.child.state is NeedState.OPEN


def child(uid: str, actor: Actor) -> Waiting:
    """Return a child of this coordinator's county as the board sees it. Raises NotYours."""
    times = (ChildFreeTime.weekday, ChildFreeTime.start_minute, ChildFreeTime.end_minute)
    rows = db.session.execute(
        select(
            Child,
            Area.name,
            Area.name_en,
            unproposed().label("unproposed"),
            *held(clock.today()),
            *times,
        )
        .outerjoin(Area, Area.id == Child.township_id)
        .outerjoin(ChildFreeTime, ChildFreeTime.child_id == Child.id)
        .where(Child.uid == uid, visible(actor, Role.COORDINATOR))
    ).all()
    if not rows:
        raise NotYours
    row = rows[0]
    free = tuple(
        Stretch(one.weekday, one.start_minute, one.end_minute)
        for one in rows
        if one.weekday is not None
    )
    place = shown(row.name or "", row.name_en or "")
    return Waiting(row[0], place, lacking_in(row), bool(row.unproposed), free)


def campaigns(county_id: int) -> Sequence[AnyRow]:
    """Return the campaigns a pairing of this county may belong to, the newest first."""
    city = select(Area.parent_id).where(Area.id == county_id).scalar_subquery()
    return db.session.execute(
        select(Campaign.id, Campaign.uid, Campaign.title, Campaign.title_en)
        .where(
            Campaign.stage.in_(RUNNING),
            or_(Campaign.area_id == county_id, Campaign.area_id == city),
        )
        .order_by(Campaign.visits_from.desc(), Campaign.id.desc())
        .limit(20)
    ).all()


def end_of_school_year(values: Mapping[str, Any], on: date) -> date:
    """Return until when a pairing that begins on a day lasts by default."""
    try:
        month, day = values["pairings.school_year_end"]
        return school_year_end(on, month, day)
    except (TypeError, ValueError):  # a value nobody can read counts as the declared one
        return school_year_end(on, *YEAR_END)
