"""What the public pages of campaigns show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select

from campaigns.models import Brand, Campaign, CampaignPartner, Slot
from campaigns.numbers.models import DayCount
from campaigns.pictures.models import CampaignPicture
from campaigns.pictures.queries import Shown, shown_of
from campaigns.rules import (
    CURRENT,
    HALTED,
    PUBLIC,
    Door,
    Measure,
    Plan,
    ProtectionArea,
    Recruitment,
    Stage,
    lines,
)
from campaigns.signups.queries import recruitment_of
from campaigns.wishes.queries import has_wishes
from core import clock
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.paging import Page, newest_first
from places.models import Area, Organisation
from places.queries import shown

CARDS_A_PAGE = 24


@dataclass(frozen=True, slots=True)
class Card:
    """A campaign as a card shows it."""

    slug: str
    title: str
    summary: str
    brand: str
    brand_slug: str
    art: str
    stage: Stage
    door: Door
    visits_from: date
    visits_until: date
    recruit_from: date
    recruit_until: date
    joined: int
    goal: int
    left: int
    picture: Shown | None

    @property
    def current(self) -> bool:
        return self.stage in CURRENT


@dataclass(frozen=True, slots=True)
class BrandLink:
    """A brand with a word about it, to filter the list by."""

    slug: str
    name: str
    tagline: str
    art: str


def _cards() -> AnySelect:
    free = func.coalesce(func.sum(Slot.capacity - Slot.taken), 0)
    joined = func.coalesce(func.sum(DayCount.count), 0)
    return (
        select(
            Campaign,
            Brand,
            CampaignPicture,
            select(free)
            .where(Slot.campaign_id == Campaign.id, Slot.ends_on >= clock.today())
            .scalar_subquery()
            .label("free"),
            select(joined)
            .where(DayCount.campaign_id == Campaign.id, DayCount.measure == Measure.VOLUNTEERS)
            .scalar_subquery()
            .label("joined"),
        )
        .join(Brand, Brand.id == Campaign.brand_id)
        .outerjoin(CampaignPicture, CampaignPicture.campaign_id == Campaign.id)
        .where(Campaign.stage.in_(PUBLIC))
    )


def _card(row: AnyRow) -> Card:
    campaign, brand, left = row.Campaign, row.Brand, int(row.free)
    return Card(
        slug=campaign.slug,
        title=shown(campaign.title, campaign.title_en),
        summary=shown(campaign.summary, campaign.summary_en),
        brand=shown(brand.name, brand.name_en),
        brand_slug=brand.slug,
        art=brand.art,
        stage=campaign.stage,
        door=recruitment_of(campaign).door(clock.today(), left),
        visits_from=campaign.visits_from,
        visits_until=campaign.visits_until,
        recruit_from=campaign.recruit_from,
        recruit_until=campaign.recruit_until,
        joined=int(row.joined),
        goal=campaign.goal_volunteers,
        left=left,
        picture=shown_of(row.CampaignPicture),
    )


def current_cards(most: int = 6) -> list[Card]:
    """Return the campaigns of these days: first those one can join, then by brand."""
    rows = db.session.execute(
        _cards()
        .where(Campaign.stage.in_(CURRENT))
        .order_by(Brand.position, Campaign.visits_from, Campaign.id)
        .limit(most)
    )
    order = [Door.OPEN, Door.UPCOMING, Door.FULL, Door.CLOSED]
    return sorted((_card(row) for row in rows), key=lambda card: order.index(card.door))


def card_page(*, brand_slug: str, after: str | None) -> Page[Card]:
    """Return current and past campaigns, the newest first, of one brand or of all."""
    query = _cards()
    if brand_slug:
        query = query.where(Brand.slug == brand_slug)
    page = newest_first(query, [Campaign.visits_from, Campaign.id], after=after, size=CARDS_A_PAGE)
    return Page([_card(row) for row in page.rows], page.after)


def brands() -> list[BrandLink]:
    """Return the brands that have a public campaign, in their order."""
    rows = db.session.scalars(
        select(Brand)
        .where(
            select(Campaign.id)
            .where(Campaign.brand_id == Brand.id, Campaign.stage.in_(PUBLIC))
            .exists()
        )
        .order_by(Brand.position, Brand.id)
    )
    return [
        BrandLink(
            brand.slug,
            shown(brand.name, brand.name_en),
            shown(brand.tagline, brand.tagline_en),
            brand.art,
        )
        for brand in rows
    ]


@dataclass(frozen=True, slots=True)
class Edition:
    """A campaign with its texts in the reader's language."""

    id: int
    slug: str
    area_id: int
    stage: Stage
    brand: BrandLink
    title: str
    summary: str
    story: str
    """As it was typed: pages show it by the filter `rich`."""
    needed: Sequence[str]
    risks: Sequence[str]
    host: str
    area: str
    recruitment: Recruitment
    training_on: date | None
    visits_from: date
    visits_until: date
    goal: int
    picture: Shown | None
    protections: Sequence[ProtectionArea]
    plans: Sequence[Plan]
    wishes: bool
    """Whether there are wishes still to be granted."""
    version: int

    @property
    def halted(self) -> bool:
        """Whether the page only says that the campaign is suspended or cancelled."""
        return self.stage in HALTED


def _visible() -> ColumnElement[bool]:
    """Return the condition that a campaign has a public address."""
    once_public = Campaign.stage.in_(HALTED) & Campaign.published_at.is_not(None)
    return or_(Campaign.stage.in_(PUBLIC), once_public)


def edition(slug: str) -> Edition:
    """Return a public campaign. Raises NotYours."""
    row = db.session.execute(_whole().where(Campaign.slug == slug, _visible())).first()
    if row is None:
        raise NotYours
    return edition_of(row)


def as_if_open(campaign_id: int) -> Edition:
    """Return a campaign of any stage as it will be on the first day on which people may join."""
    row = db.session.execute(_whole().where(Campaign.id == campaign_id)).one()
    found = edition_of(row)
    first, last = min(found.recruitment.first, clock.today()), found.recruitment.last
    recruitment = Recruitment(Stage.RECRUITING, first, max(last, clock.today()))
    return replace(found, stage=Stage.RECRUITING, recruitment=recruitment)


def _whole() -> AnySelect:
    return (
        select(Campaign, Brand, Organisation, Area, CampaignPicture, has_wishes().label("wishes"))
        .join(Brand, Brand.id == Campaign.brand_id)
        .join(Area, Area.id == Campaign.area_id)
        .outerjoin(Organisation, Organisation.id == Campaign.host_id)
        .outerjoin(CampaignPicture, CampaignPicture.campaign_id == Campaign.id)
    )


def edition_of(row: AnyRow) -> Edition:
    """Return a row of campaign, brand, host, area and picture in the reader's language."""
    campaign, brand, host, area = row.Campaign, row.Brand, row.Organisation, row.Area
    return Edition(
        id=campaign.id,
        slug=campaign.slug,
        area_id=campaign.area_id,
        stage=campaign.stage,
        brand=BrandLink(
            brand.slug,
            shown(brand.name, brand.name_en),
            shown(brand.tagline, brand.tagline_en),
            brand.art,
        ),
        title=shown(campaign.title, campaign.title_en),
        summary=shown(campaign.summary, campaign.summary_en),
        story=shown(campaign.story, campaign.story_en),
        needed=lines(shown(campaign.needed, campaign.needed_en)),
        risks=lines(shown(campaign.risks, campaign.risks_en)),
        host=shown(host.name, host.name_en) if host else "",
        area=shown(area.name, area.name_en),
        recruitment=recruitment_of(campaign),
        training_on=campaign.training_on,
        visits_from=campaign.visits_from,
        visits_until=campaign.visits_until,
        goal=campaign.goal_volunteers,
        picture=shown_of(row.CampaignPicture),
        protections=[one for one in ProtectionArea if one in campaign.protections],
        plans=[one for one in Plan if one in campaign.plans],
        wishes=row.wishes,
        version=campaign.version,
    )


def partners(campaign_id: int) -> list[str]:
    """Return the names of a campaign's partners."""
    rows = db.session.execute(
        select(Organisation.name, Organisation.name_en)
        .join(CampaignPartner, CampaignPartner.org_id == Organisation.id)
        .where(CampaignPartner.campaign_id == campaign_id)
        .order_by(CampaignPartner.id)
    )
    return [shown(row.name, row.name_en) for row in rows]
