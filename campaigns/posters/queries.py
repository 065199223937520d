"""The places of a campaign with what came from each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, func, select

from accounts.rules import Actor, Role
from campaigns.funnel.models import FunnelCount
from campaigns.funnel.rules import Step
from campaigns.manage.queries import visible
from campaigns.models import Campaign, Slot
from campaigns.posters.models import CampaignPlace
from campaigns.posters.rules import is_tag
from campaigns.rules import PUBLIC
from core import clock
from core.db import db
from core.errors import NotYours
from places.models import Area
from places.queries import shown

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hung:
    """A place with how often the campaign was opened from there."""

    uid: str
    name: str
    county: str
    """Where it is told, else empty."""
    tag: str
    week: int
    """Within the last seven days, today included."""
    total: int


@dataclass(frozen=True, slots=True)
class Found:
    """A place that somebody may see, with the campaign it belongs to."""

    place: CampaignPlace
    campaign: Campaign


def hung(campaign_id: int) -> Sequence[Hung]:
    """Return the places of a campaign, the oldest first."""
    recent = case((FunnelCount.day > clock.today() - WEEK, FunnelCount.count), else_=0)
    rows = db.session.execute(
        select(
            CampaignPlace.uid,
            CampaignPlace.name,
            CampaignPlace.tag,
            Area.name.label("county"),
            Area.name_en.label("county_en"),
            func.coalesce(func.sum(recent), 0).label("week"),
            func.coalesce(func.sum(FunnelCount.count), 0).label("total"),
        )
        .outerjoin(
            FunnelCount,
            (FunnelCount.campaign_id == CampaignPlace.campaign_id)
            & (FunnelCount.source == CampaignPlace.tag)
            & (FunnelCount.step == Step.VIEWED),
        )
        .outerjoin(Area, Area.id == CampaignPlace.county_id)
        .where(CampaignPlace.campaign_id == campaign_id)
        .group_by(
            CampaignPlace.id,
            CampaignPlace.uid,
            CampaignPlace.name,
            CampaignPlace.tag,
            Area.name,
            Area.name_en,
        )
        .order_by(CampaignPlace.id)
    )
    return [
        Hung(
            row.uid,
            row.name,
            shown(row.county or "", row.county_en or ""),
            row.tag,
            int(row.week),
            int(row.total),
        )
        for row in rows
    ]


def known(campaign_id: int, tag: str) -> str:
    """Return the tag if a place of the campaign has it, else the empty text."""
    if not is_tag(tag):
        return ""
    condition = (CampaignPlace.campaign_id == campaign_id) & (CampaignPlace.tag == tag)
    return db.session.scalar(select(CampaignPlace.tag).where(condition)) or ""


def county_of(slug: str, tag: str) -> str:
    """Return the code of the county where a place of the campaign is; empty where none is told."""
    if not is_tag(tag):
        return ""
    found = db.session.scalar(
        select(Area.nbs_code)
        .join(CampaignPlace, CampaignPlace.county_id == Area.id)
        .join(Campaign, Campaign.id == CampaignPlace.campaign_id)
        .where(CampaignPlace.tag == tag, Campaign.slug == slug, Campaign.stage.in_(PUBLIC))
    )
    return found or ""


def known_at(slot_id: int, tag: str) -> str:
    """Return the tag if a place of the slot's campaign has it, else the empty text."""
    if not is_tag(tag):
        return ""
    campaign_id = select(Slot.campaign_id).where(Slot.id == slot_id).scalar_subquery()
    condition = (CampaignPlace.campaign_id == campaign_id) & (CampaignPlace.tag == tag)
    return db.session.scalar(select(CampaignPlace.tag).where(condition)) or ""


def place(uid: str, actor: Actor, *roles: Role) -> Found:
    """Return a place of a campaign the person works on in one of the roles. Raises NotYours."""
    row = db.session.execute(
        select(CampaignPlace, Campaign)
        .join(Campaign, Campaign.id == CampaignPlace.campaign_id)
        .where(CampaignPlace.uid == uid, visible(actor, *roles))
    ).first()
    if row is None:
        raise NotYours
    return Found(row.CampaignPlace, row.Campaign)
