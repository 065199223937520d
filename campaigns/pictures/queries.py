"""Pictures as pages show them, and who may load one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from accounts.rules import Actor
from campaigns.manage.queries import visible
from campaigns.models import Campaign
from campaigns.pictures.models import CampaignPicture
from campaigns.rules import PUBLIC
from core.db import db
from core.errors import NotYours
from places.queries import shown


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture with its words in the reader's language."""

    uid: str
    alt: str
    alt_en: str
    sizes: Sequence[Sequence[int]]

    @property
    def largest(self) -> Sequence[int]:
        return self.sizes[-1]


def shown_of(picture: CampaignPicture | None) -> Shown | None:
    if picture is None:
        return None
    return Shown(picture.uid, shown(picture.alt, picture.alt_en), picture.alt_en, picture.sizes)


def of_campaign(campaign_id: int) -> CampaignPicture | None:
    return db.session.scalar(
        select(CampaignPicture).where(CampaignPicture.campaign_id == campaign_id)
    )


def is_public(uid: str, width: int, actor: Actor | None) -> bool:
    """Whether everybody may load that size, or only those who work on its campaign.

    Raises NotYours for somebody who may not, and for a size that does not exist: a campaign that
    is suspended takes its picture off every page at once.
    """
    public = Campaign.stage.in_(PUBLIC)
    allowed: ColumnElement[bool] = public if actor is None else or_(public, visible(actor))
    row = db.session.execute(
        select(CampaignPicture.sizes, Campaign.stage)
        .join(Campaign, Campaign.id == CampaignPicture.campaign_id)
        .where(CampaignPicture.uid == uid, allowed)
    ).first()
    if row is None or width not in {size[0] for size in row.sizes}:
        raise NotYours
    return row.stage in PUBLIC
