"""Reading the pairing board: children that wait for a team, and what they still lack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from accounts.rules import Actor, Role
from campaigns.models import Campaign
from campaigns.rules import Stage as CampaignStage
from children.consents.queries import complete, held, lacking_in
from children.models import Child, ChildFreeTime
from children.queries import has_need, visible
from children.rules import NeedState, Purpose, Risk, Stretch
from core import clock
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, page_of
from pairings.board.rules import Filters, Show
from pairings.models import Pairing
from pairings.rules import LIVE, school_year_end
from pairings.runs.models import MatchProposal, MatchRun, MatchWaiting
from pairings.runs.rules import Fate, State
from places.models import Area
from places.queries import in_language, shown
from places.rules import Level

YEAR_END = (7, 10)
RUNNING = (CampaignStage.APPROVED, CampaignStage.RECRUITING, CampaignStage.RUNNING)
LISTED = 30
"""How many children a page of the board shows: with their candidates it stays light."""


@lru_cache(maxsize=2)
def _agreed(on: date) -> ColumnElement[bool]:
    """Return `complete` of a day: putting it together costs more than asking."""
    return complete(on)


@lru_cache(maxsize=2)
def _held(on: date) -> tuple[ColumnElement[bool], ...]:
    return tuple(held(on))


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


def standing_run() -> ColumnElement[int]:
    """Return the newest run that can be decided on for a child's county, in a query of Child."""
    city = select(Area.parent_id).where(Area.id == Child.county_id).correlate(Child)
    return (
        select(func.max(MatchRun.id))
        .where(
            or_(
                MatchRun.area_id == Child.county_id,
                and_(
                    MatchRun.level == Level.CITY,
                    MatchRun.area_id == city.scalar_subquery(),
                ),
            ),
            MatchRun.state == State.READY,
            MatchRun.expires_at > clock.now(),
        )
        .correlate(Child)
        .scalar_subquery()
    )


def proposed_by_run() -> ColumnElement[bool]:
    """Return the condition that a proposal is the standing run's, and still open."""
    return and_(
        MatchProposal.child_id == Child.id,
        MatchProposal.run_id == standing_run(),
        MatchProposal.fate == Fate.OPEN,
    )


def urgency(today: date, overdue_days: int) -> ColumnElement[int]:
    """Return the tier of a child, as matching has it: overdue first, then by risk."""
    overdue = today - timedelta(days=min(overdue_days, 9999))
    grades = {risk: grade for grade, risk in enumerate(Risk)}
    late = case((Child.open_since <= overdue, len(Risk)), else_=0)
    return late + case(grades, value=Child.risk, else_=0)


def those_who_wait(actor: Actor) -> AnySelect:
    """Return the query of a coordinator's waiting children, each with the run's open proposal.

    What every list of them shows; more columns of child and proposal may be added.
    """
    return (
        select(
            Child.uid,
            Child.alias,
            Child.girl,
            Child.age_band,
            Child.risk,
            Child.needs,
            Child.open_since,
            in_language(Area.name, Area.name_en).label("township"),
        )
        .outerjoin(Area, Area.id == Child.township_id)
        .outerjoin(MatchProposal, proposed_by_run())
        .where(waiting_for_pairing(actor))
    )


def waiting(
    actor: Actor, filters: Filters, *, overdue_days: int, after: str | None
) -> Page[AnyRow]:
    """Return a page of the children that wait, the most urgent first, then the longest wait.

    Without a filter only those that may be paired today.
    """
    today = clock.today()
    lacking = _held(today) if filters.show is Show.LACKING else ()
    listed = those_who_wait(actor).add_columns(MatchProposal.uid.label("proposal"), *lacking)
    return page_of(
        _narrowed(listed, filters, today),
        [-urgency(today, overdue_days), Child.open_since, Child.id],
        after=after,
        size=LISTED,
    )


def _narrowed(listed: AnySelect, filters: Filters, today: date) -> AnySelect:
    listed = listed.where(
        ~_agreed(today) if filters.show is Show.LACKING else _agreed(today),
    )
    if filters.need:
        listed = listed.where(has_need(filters.need))
    if filters.township:
        listed = listed.where(Child.township_id == filters.township)
    if filters.risk:
        listed = listed.where(Child.risk == filters.risk)
    if filters.days:
        listed = listed.where(Child.open_since <= today - timedelta(days=filters.days))
    if filters.show is Show.PROPOSED:
        listed = listed.where(MatchProposal.id.is_not(None))
    if filters.show is Show.NOBODY:
        found_nobody = (
            select(MatchWaiting.id)
            .where(MatchWaiting.child_id == Child.id, MatchWaiting.run_id == standing_run())
            .correlate(Child)
        )
        listed = listed.where(found_nobody.exists())
    return listed


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
    """A child of the board: what it lacks for a pairing, and what the standing run says of it."""

    child: Child
    township: str
    lacking: tuple[Purpose, ...]
    unproposed: bool
    free: tuple[Stretch, ...]
    run: MatchRun | None
    """None as well when it has expired."""
    proposal: MatchProposal | None
    """Whatever has become of it since."""
    nobody: MatchWaiting | None
    """Why the run has found nobody."""

    @property
    def ready(self) -> bool:
        """Whether a team may be proposed today."""
        return self.unproposed and not self.lacking and self.child.state is NeedState.OPEN

    @property
    def proposed(self) -> int | None:
        """Return the team that the run proposes, while nobody has decided on it."""
        made = self.proposal
        return made.team_id if made is not None and made.fate is Fate.OPEN else None


def child(uid: str, actor: Actor) -> Waiting:
    """Return a child of this coordinator's county as the board sees it. Raises NotYours."""
    times = (ChildFreeTime.weekday, ChildFreeTime.start_minute, ChildFreeTime.end_minute)
    rows = db.session.execute(
        select(
            Child,
            Area.name,
            Area.name_en,
            unproposed().label("unproposed"),
            MatchRun,
            MatchProposal,
            MatchWaiting,
            *_held(clock.today()),
            *times,
        )
        .outerjoin(Area, Area.id == Child.township_id)
        .outerjoin(ChildFreeTime, ChildFreeTime.child_id == Child.id)
        .outerjoin(MatchRun, MatchRun.id == standing_run())
        .outerjoin(MatchProposal, of_run(MatchProposal))
        .outerjoin(MatchWaiting, of_run(MatchWaiting))
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
    return Waiting(
        row[0],
        place,
        lacking_in(row),
        bool(row.unproposed),
        free,
        row.MatchRun,
        row.MatchProposal,
        row.MatchWaiting,
    )


def of_run(kind: type[MatchProposal] | type[MatchWaiting]) -> ColumnElement[bool]:
    """Return the condition that a row is about the child in the run beside it."""
    return and_(kind.run_id == MatchRun.id, kind.child_id == Child.id)


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
