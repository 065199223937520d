"""Adding and removing the places of a campaign."""

from sqlalchemy import delete, func, select, update

from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.models import Campaign
from campaigns.posters import queries
from campaigns.posters.models import CampaignPlace
from campaigns.posters.rules import MOST_PLACES
from core import audit
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _


def add(campaign_uid: str, name: str, *, county_id: int | None = None, by: Actor) -> None:
    """Add a place to a campaign, in a county if that is told. Raises RuleBroken and NotYours."""
    with transaction() as session:
        campaign = campaign_of(campaign_uid, by, Role.EDITOR)
        # the row is the lock: of two who add the last place, one is refused
        session.execute(update(Campaign).where(Campaign.id == campaign.id).values(id=campaign.id))
        many = session.scalar(select(func.count()).where(CampaignPlace.campaign_id == campaign.id))
        if (many or 0) >= MOST_PLACES:
            raise RuleBroken(_("一个活动最多 %(most)d 个张贴点", most=MOST_PLACES))
        place = {"campaign_id": campaign.id, "name": name}
        if insert_once(CampaignPlace, **place, county_id=county_id) is None:
            raise RuleBroken(_("已经有这个张贴点了"))
        audit.record("add_place", "campaign", campaign_uid, by=by.id)


def remove(uid: str, *, by: Actor) -> str:
    """Remove a place; return the campaign's uid. Raises NotYours.

    What was counted under its tag stays: the campaign's sums must not change afterwards.
    """
    with transaction() as session:
        found = queries.place(uid, by, Role.EDITOR)
        place_id, campaign_uid = found.place.id, found.campaign.uid
        session.execute(delete(CampaignPlace).where(CampaignPlace.id == place_id))
        audit.record("remove_place", "campaign", campaign_uid, by=by.id)
        return campaign_uid
