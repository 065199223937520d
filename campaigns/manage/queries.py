"""Campaigns as those who make them see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from accounts.models import Person
from accounts.rules import Actor, Role
from campaigns.manage.rules import WORKING
from campaigns.models import Activity, Brand, Campaign, CampaignPartner, Slot
from campaigns.reports.waiting.queries import corrected
from campaigns.rules import Stage
from core import clock
from core.audit import AuditRow
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from core.scopes import find, scope
from places.models import Area, Organisation
from places.queries import in_language, organisations, shown
from places.rules import Level, OrgKind

HOSTS = (OrgKind.CENTER, OrgKind.BUREAU, OrgKind.COMMITTEE_OFFICE)
PARTNERS = (OrgKind.SOCIAL_ORG, OrgKind.UNIVERSITY, OrgKind.PARTNER, OrgKind.MEMBER_UNIT)


@scope(Campaign)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a campaign is one the person works on in one of the roles.

    A role at an area covers the campaigns of that area and of those right below it; a role
    without an area covers all.
    """
    grants = [grant for grant in actor.grants if grant.role in (roles or WORKING)]
    if any(grant.area_id is None for grant in grants):
        return true()
    areas = [grant.area_id for grant in grants]
    below = select(Area.id).where(Area.parent_id.in_(areas))
    return or_(Campaign.area_id.in_(areas), Campaign.area_id.in_(below))


def tabs() -> dict[str, ColumnElement[bool]]:
    """Return the lists of campaigns that somebody may ask for, and what is in each."""
    today = clock.today()
    draft, approved = Campaign.stage == Stage.DRAFT, Campaign.stage == Stage.APPROVED
    return {
        "returned": draft & (Campaign.review_note != ""),
        "draft": draft & (Campaign.review_note == ""),
        "review": Campaign.stage == Stage.SAFEGUARDING_REVIEW,
        "approved": approved & Campaign.publish_at.is_(None),
        "scheduled": approved & Campaign.publish_at.is_not(None),
        "to_start": (Campaign.stage == Stage.RECRUITING) & (Campaign.visits_from <= today),
        "to_wrap_up": (Campaign.stage == Stage.RUNNING) & (Campaign.visits_until < today),
        "corrected": corrected(),
        "live": Campaign.stage.in_((Stage.RECRUITING, Stage.RUNNING, Stage.SUSPENDED)),
        "past": Campaign.stage.in_(
            (Stage.WRAP_UP, Stage.PUBLISHED_REPORT, Stage.ARCHIVED, Stage.CANCELLED)
        ),
    }


def counts(actor: Actor, *names: str) -> dict[str, int]:
    """Return how many campaigns are in each of these lists, in one query."""
    known = tabs()
    row = db.session.execute(
        select(*(func.count(case((known[name], 1))) for name in names))
        .select_from(Campaign)
        .where(visible(actor))
    ).one()
    return dict(zip(names, row, strict=True))


def campaigns(actor: Actor, *, tab: str, after: str | None) -> Page[AnyRow]:
    """Return the campaigns of a list, those of the latest visits first."""
    query = (
        select(
            Campaign.uid,
            in_language(Campaign.title, Campaign.title_en).label("title"),
            Campaign.stage,
            Campaign.review_note,
            Campaign.visits_from.label("first"),
            Campaign.visits_until.label("last"),
            in_language(Brand.name, Brand.name_en).label("brand"),
            in_language(Area.name, Area.name_en).label("area"),
        )
        .join(Brand, Brand.id == Campaign.brand_id)
        .join(Area, Area.id == Campaign.area_id)
        .where(visible(actor))
    )
    condition = tabs().get(tab)
    if condition is not None:
        query = query.where(condition)
    return newest_first(query, [Campaign.visits_from, Campaign.id], after=after)


def campaign(uid: str, actor: Actor, *roles: Role) -> Campaign:
    """Return a campaign the person works on in one of the roles. Raises NotYours."""
    return find(Campaign, uid, actor, *roles)


@dataclass(frozen=True, slots=True)
class OwnSlot:
    """A slot with what it belongs to."""

    slot: Slot
    activity: Activity
    campaign: Campaign
    county: str


def slot(uid: str, actor: Actor) -> OwnSlot:
    """Return a slot an editor may change. Raises NotYours."""
    row = db.session.execute(
        select(Slot, Activity, Campaign, Area.name, Area.name_en)
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Area, Area.id == Slot.county_id)
        .where(Slot.uid == uid, visible(actor, Role.EDITOR))
    ).first()
    if row is None:
        raise NotYours
    return OwnSlot(row.Slot, row.Activity, row.Campaign, shown(row.name, row.name_en))


def slots(campaign_id: int) -> Sequence[AnyRow]:
    """Return the slots of a campaign with their counties."""
    return db.session.execute(
        select(
            Slot.uid,
            Activity.kind,
            Activity.timing,
            in_language(Activity.title, Activity.title_en).label("title"),
            Slot.place,
            Slot.role,
            Slot.starts_on,
            Slot.ends_on,
            Slot.from_minute,
            Slot.until_minute,
            Slot.capacity,
            Slot.taken,
            in_language(Area.name, Area.name_en).label("county"),
        )
        .join(Activity, Activity.id == Slot.activity_id)
        .join(Area, Area.id == Slot.county_id)
        .where(Slot.campaign_id == campaign_id)
        .order_by(Area.nbs_code, Slot.starts_on, Slot.from_minute, Slot.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Step:
    """Something that somebody did with a campaign."""

    at: Any
    action: str
    who: str
    reason: str


def history(uid: str) -> list[Step]:
    """Return what was done with a campaign, the latest first."""
    rows = db.session.execute(
        select(AuditRow.at, AuditRow.action, Person.name, AuditRow.reason)
        .outerjoin(Person, Person.id == AuditRow.actor_id)
        .where(AuditRow.kind == "campaign", AuditRow.ref == uid)
        .order_by(AuditRow.id.desc())
        .limit(20)
    )
    return [Step(row.at, row.action, row.name or "", row.reason) for row in rows]


def brands() -> list[tuple[str, str]]:
    query = select(Brand.id, in_language(Brand.name, Brand.name_en).label("name"))
    return _choices(query.order_by(Brand.position, Brand.id))


def _choices(query: Select[int, str]) -> list[tuple[str, str]]:
    return [(str(row.id), row.name) for row in db.session.execute(query)]


def _areas() -> Select[int, str]:
    return select(Area.id, in_language(Area.name, Area.name_en).label("name"))


def areas(actor: Actor) -> list[tuple[str, str]]:
    """Return the city and counties an editor may make campaigns for."""
    found = [grant.area_id for grant in actor.grants if grant.role is Role.EDITOR]
    query = _areas().where(Area.level.in_((Level.CITY, Level.COUNTY)))
    if None not in found:
        query = query.where(or_(Area.id.in_(found), Area.parent_id.in_(found)))
    return _choices(query.order_by(Area.nbs_code))


def counties_of(area_id: int) -> list[tuple[str, str]]:
    """Return the counties a campaign of that area may have slots in."""
    here = or_(Area.id == area_id, Area.parent_id == area_id)
    return _choices(_areas().where(Area.level == Level.COUNTY, here).order_by(Area.nbs_code))


def choices_of(kinds: Sequence[OrgKind]) -> list[tuple[str, str]]:
    return [(str(org.id), shown(org.name, org.name_en)) for org in organisations(kinds)]


def partner_ids(campaign_id: int) -> list[str]:
    rows = db.session.scalars(
        select(CampaignPartner.org_id)
        .where(CampaignPartner.campaign_id == campaign_id)
        .order_by(CampaignPartner.id)
    )
    return [str(org_id) for org_id in rows]


def host_name(host_id: int | None) -> str:
    name = in_language(Organisation.name, Organisation.name_en)
    return db.session.scalar(select(name).where(Organisation.id == host_id)) or ""
