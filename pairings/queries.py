"""Reading pairings: staff by the child's place, volunteers by the team they belong to now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from accounts.rules import Actor, Role
from campaigns.models import Campaign
from children.consents.services import ENTERING
from children.models import Child
from children.rules import Risk
from core import tiers
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from core.scopes import find, scope
from pairings.models import Pairing
from pairings.reviews.queries import to_review
from pairings.rules import (
    AGREED,
    AT_ONCE,
    DECIDING,
    LIVE,
    OVER,
    Stage,
    city_keys,
    county_keys,
)
from places.queries import within
from volunteers.teams.models import Team
from volunteers.teams.queries import team_ids_of

STAFF = (
    Role.COORDINATOR,
    Role.CHILD_SUPERVISOR,
    Role.CHILD_DIRECTOR,
    Role.SAFEGUARDING_LEAD,
)
READERS = (*STAFF, Role.VOLUNTEER, Role.TEAM_LEADER)


class Tab(StrEnum):
    """How the list of pairings is divided."""

    LIVE = "live"
    MINE_TO_DECIDE = "decide"
    PROPOSED = "proposed"
    REARRANGE = "rearrange"
    OVER = "over"
    ASK = "ask"
    SIGN = "sign"
    INTRO = "intro"
    PART = "part"
    REVIEW = "review"


def by_place(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a child lives where this person answers for it."""
    return within(Pairing, actor.reaches(*STAFF))


def told() -> ColumnElement[bool]:
    """Return the condition that the team knows of the child: both sides have said yes."""
    both = and_(Pairing.guardian_yes_on.is_not(None), Pairing.child_yes_on.is_not(None))
    asking = and_(Pairing.stage == Stage.CONSENT_PENDING, both)
    return or_(Pairing.stage.in_(AGREED), asking)


def accompanied_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that this person's own team accompanies the child now."""
    return and_(Pairing.team_id.in_(team_ids_of(actor.id)), told())


def children_of(actor: Actor) -> Select[int] | None:
    """Return the select of the ids of the children that somebody's own teams accompany now."""
    if not actor.has(Role.VOLUNTEER, Role.TEAM_LEADER):
        return None
    return select(Pairing.child_id).where(accompanied_by(actor))


@scope(Pairing)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody may know of a pairing."""
    return or_(by_place(actor), accompanied_by(actor))


def decidable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a key of a pairing waits for this person, who holds no other.

    The county's key comes first; of a child at high risk the city's besides. Child has to be
    joined.
    """
    deciders = within(Pairing, actor.reaches(Role.COORDINATOR, Role.SAFEGUARDING_LEAD))
    own_county = within(Pairing, county_keys(actor))
    first = and_(Pairing.stage == Stage.PROPOSED, or_(own_county, deciders & ~_at_high_risk()))
    late = and_(Pairing.stage.in_(LIVE - DECIDING), _at_high_risk(), Pairing.city_by_id.is_(None))
    second = or_(Pairing.stage == Stage.UNDER_REVIEW, late)
    citys = and_(second, within(Pairing, city_keys(actor)), Pairing.decided_by_id != actor.id)
    return and_(Pairing.proposed_by_id != actor.id, or_(first, citys))


def _at_high_risk() -> ColumnElement[bool]:
    return Child.risk == Risk.HIGH


def coordinates(pairing: Pairing, actor: Actor) -> bool:
    """Whether somebody coordinates the county of a pairing."""
    mine = select(Pairing.id).where(
        Pairing.id == pairing.id, within(Pairing, actor.reaches(Role.COORDINATOR))
    )
    return db.session.scalar(mine) is not None


def pairing(uid: str, actor: Actor) -> Pairing:
    """Return a pairing somebody may know of. Raises NotYours."""
    return find(Pairing, uid, actor)


def exists(uid: str) -> bool:
    """Whether there is such a pairing anywhere: only for keeping denials, never for an answer."""
    return db.session.scalar(select(Pairing.id).where(Pairing.uid == uid)) is not None


@dataclass(frozen=True, slots=True)
class Shown:
    """A pairing as its page shows it; `staff` sees what volunteers do not (domain.md §3)."""

    pairing: Pairing
    child: tiers.Shown
    team: Team
    campaign: Campaign | None
    staff: bool
    decides: bool
    ends: bool
    plans: bool
    enters: bool
    """Answers and signatures: as the village's director, or as the county's coordinator."""


def shown(uid: str, actor: Actor) -> Shown:
    """Return a pairing with what belongs to it. Raises NotYours."""
    ends = within(Pairing, actor.reaches(Role.COORDINATOR, Role.SAFEGUARDING_LEAD))
    plans = within(Pairing, actor.reaches(Role.COORDINATOR))
    enters = within(Pairing, actor.reaches(*ENTERING))
    may_do = (by_place(actor), decidable(actor), ends, plans, enters)
    row = db.session.execute(
        select(Pairing, Child, Team, Campaign, *may_do)
        .join(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .outerjoin(Campaign, Campaign.id == Pairing.campaign_id)
        .where(Pairing.uid == uid, visible(actor))
    ).first()
    if row is None:
        raise NotYours
    found, child, team, campaign, *may = row
    reach = tiers.Tier.NEED_TO_KNOW if may[0] else tiers.Tier.ALIAS
    about = tiers.Shown(child, reach)
    return Shown(found, about, team, campaign, *(bool(one) for one in may))


def in_tab(tab: Tab, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a pairing belongs to a tab."""
    return {
        Tab.LIVE: Pairing.stage.in_(LIVE - DECIDING),
        Tab.MINE_TO_DECIDE: decidable(actor),
        Tab.PROPOSED: Pairing.stage.in_(DECIDING),
        Tab.REARRANGE: to_review(actor),
        Tab.OVER: Pairing.stage.not_in(LIVE),
    }[tab]


def listing(actor: Actor, condition: ColumnElement[bool], *, after: str | None) -> Page[AnyRow]:
    """Return a page of the pairings somebody may know of that meet a tab's condition."""
    listed = (
        select(
            Pairing.uid,
            Pairing.stage,
            Pairing.starts_on,
            Pairing.ends_on,
            Pairing.township_id,
            by_place(actor).label("staff"),
            Child.alias,
            Child.age_band,
            tiers.staff_only(by_place(actor), Child.risk),
            Team.name.label("team"),
        )
        .join(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .where(visible(actor), condition)
    )
    return newest_first(listed, [Pairing.id], after=after)


def handed_over(pairing: Pairing) -> str:
    """Return what the last team that accompanied the child left for this one to know.

    Nothing after an end that a no or somebody's safety brought about, not even what an earlier
    team left.
    """
    last = db.session.execute(
        select(Pairing.handover, Pairing.end_reason)
        .where(
            Pairing.child_id == pairing.child_id,
            Pairing.id < pairing.id,
            Pairing.stage.in_(OVER),
            or_(Pairing.introduced_on.is_not(None), Pairing.agreed_before, Pairing.handover != ""),
        )
        .order_by(Pairing.id.desc())
        .limit(1)
    ).first()
    return "" if last is None or last.end_reason in AT_ONCE else str(last.handover)


def to_decide(actor: Actor) -> int:
    """Return how many proposals wait for this person."""
    counted = select(func.count()).select_from(Pairing).join(Child, Child.id == Pairing.child_id)
    return db.session.scalar(counted.where(decidable(actor))) or 0


def accompanied(actor: Actor) -> Sequence[AnyRow]:
    """Return (uid, alias, stage) of the pairings of this person's own teams."""
    return db.session.execute(
        select(Pairing.uid, Child.alias, Pairing.stage)
        .join(Child, Child.id == Pairing.child_id)
        .where(accompanied_by(actor))
        .order_by(Pairing.id)
        .limit(10)
    ).all()


def team_children(team_ids: Iterable[int]) -> dict[int, int]:
    """Return how many children each of the teams accompanies or is proposed for, if any."""
    rows = db.session.execute(
        select(Pairing.team_id, func.count().label("many"))
        .where(Pairing.team_id.in_(list(team_ids)), Pairing.stage.in_(LIVE))
        .group_by(Pairing.team_id)
    )
    return {row.team_id: row.many for row in rows}
