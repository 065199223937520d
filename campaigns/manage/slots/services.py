"""The places of a campaign, county by county: never fewer than are taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from campaigns.manage import queries
from campaigns.manage.rules import LIVE
from campaigns.models import Campaign, Slot
from campaigns.rules import SlotKind, Stage
from campaigns.signups.models import SignUp
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _


@dataclass(frozen=True, slots=True)
class Places:
    """So many places of a kind, from one day to another."""

    kind: SlotKind
    starts_on: date
    ends_on: date
    capacity: int


def add(campaign_uid: str, county_ids: Sequence[int], places: Places, *, by: Actor) -> None:
    """Open the same places in each of the counties."""
    with transaction() as session:
        campaign = queries.campaign(campaign_uid, by, Role.EDITOR)
        _only_draft(campaign)
        _within_visits(campaign, places)
        for county_id in county_ids:
            made = insert_once(
                Slot,
                campaign_id=campaign.id,
                county_id=county_id,
                kind=places.kind,
                starts_on=places.starts_on,
                ends_on=places.ends_on,
                capacity=places.capacity,
            )
            if made is None:
                raise RuleBroken(_("所选的县里有同一天开始的同类名额，请改那一个"))
        _touch(session, campaign, by)


def change(uid: str, places: Places, *, by: Actor) -> None:
    """Change a slot: all of it in a draft, only how many places there are while people join."""
    with transaction() as session:
        slot, campaign, _county = queries.slot(uid, by)
        if campaign.stage not in LIVE:
            _only_draft(campaign)
            _within_visits(campaign, places)
        changed = session.scalar(
            update(Slot)
            .where(Slot.id == slot.id, Slot.taken <= places.capacity)
            .values(
                capacity=places.capacity,
                **({} if campaign.stage in LIVE else _days(places)),
            )
            .returning(Slot.id)
        )
        if changed is None:
            raise RuleBroken(_("已有 %(n)d 人占了名额，不能少于这个数", n=slot.taken))
        _touch(session, campaign, by)


def remove(uid: str, *, by: Actor) -> None:
    """Take a slot of a draft away, unless somebody has ever signed up for it."""
    with transaction() as session:
        slot, campaign, _county = queries.slot(uid, by)
        _only_draft(campaign)
        used = exists().where(SignUp.slot_id == Slot.id)
        gone = session.scalar(delete(Slot).where(Slot.id == slot.id, ~used).returning(Slot.id))
        if gone is None:
            raise RuleBroken(_("已有人报过这个名额，不能删除"))
        _touch(session, campaign, by)


def _days(places: Places) -> dict[str, date]:
    return {"starts_on": places.starts_on, "ends_on": places.ends_on}


def _only_draft(campaign: Campaign) -> None:
    if campaign.stage is not Stage.DRAFT:
        raise RuleBroken(_("只有草稿能改，请先撤回修改"))


def _within_visits(campaign: Campaign, places: Places) -> None:
    if places.starts_on < campaign.visits_from or places.ends_on > campaign.visits_until:
        raise RuleBroken(_("名额的日期要在活动的走访日期之内"))


def _touch(session: Session, campaign: Campaign, by: Actor) -> None:
    """Note who changed the campaign's places last; a page opened before is out of date."""
    session.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id)
        .values(edited_by_id=by.id, edited_at=clock.now(), version=Campaign.version + 1)
    )
    audit.record("edit_slots", "campaign", campaign.uid, by=by.id)
