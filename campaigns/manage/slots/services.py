"""The places of a campaign, county by county: never fewer than are taken."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from dateutil.rrule import rrulestr
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from campaigns.blocks.models import Block
from campaigns.manage import queries
from campaigns.manage.rules import LIVE
from campaigns.manage.slots.rules import FREQUENCY, MOST_SLOTS, Again, Asked, Opening, What, When
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import Stage
from campaigns.signups.models import SignUp
from campaigns.signups.seating.services import advance
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _


def days(first: date, again: Again, last: date) -> list[date]:
    """Return the days a slot begins on: the first, and each time it comes back until the last."""
    if again is Again.ONCE:
        return [first]
    begin = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - days, no moments
    found = rrulestr(FREQUENCY[again], dtstart=begin)
    until = datetime(last.year, last.month, last.day)  # noqa: DTZ001 - likewise
    return [one.date() for one in found.between(begin, until, inc=True)]


def add(campaign_uid: str, county_ids: Sequence[int], places: Opening, *, by: Actor) -> int:
    """Open the same places in each of the counties, on each of the days; return how many slots."""
    with transaction() as session:
        campaign = queries.campaign(campaign_uid, by, Role.EDITOR)
        _only_draft(campaign)
        _within_visits(campaign, places.when)
        every = _each_time(places, campaign.visits_until)
        if len(every) * len(county_ids) > MOST_SLOTS:
            raise RuleBroken(_("一次最多开 %(n)d 个名额，请分几次", n=MOST_SLOTS))
        where = {
            "campaign_id": campaign.id,
            "activity_id": _activity(session, campaign.id, places.what),
        }
        for county_id in county_ids:
            for when in every:
                _open(where | {"county_id": county_id}, when, places.asked)
        _touch(session, campaign, by)
    return len(every) * len(county_ids)


def _each_time(places: Opening, last: date) -> list[When]:
    """Return when the slots are: each lasts as long as the first, and none beyond the last day."""
    when = places.when
    lasts = when.ends_on - when.starts_on
    return [
        replace(when, starts_on=first, ends_on=first + lasts)
        for first in days(when.starts_on, places.again, last - lasts)
    ]


def _activity(session: Session, campaign_id: int, what: What) -> int:
    """Return the campaign's activity of that kind, timing and name, a new one if need be."""
    found = session.scalar(
        select(Activity.id).where(
            Activity.campaign_id == campaign_id,
            Activity.kind == what.kind,
            Activity.timing == what.timing,
            Activity.title == what.title,
        )
    )
    if found is None:
        made = Activity(campaign_id=campaign_id, **asdict(what))
        session.add(made)
        session.flush()
        return made.id
    return found


def _open(where: dict[str, int], when: When, asked: Asked) -> None:
    if insert_once(Slot, **where, **asdict(when), **asdict(asked)) is None:
        raise RuleBroken(_("所选的县里有同一天开始的同类名额，请改那一个"))


def change(uid: str, when: When, asked: Asked, *, by: Actor) -> None:
    """Change all of a draft's slot."""
    with transaction() as session:
        own = queries.slot(uid, by)
        _only_draft(own.campaign)
        _within_visits(own.campaign, when)
        _write(session, own.slot, asdict(when) | asdict(asked))
        _touch(session, own.campaign, by)


def change_places(uid: str, capacity: int, least: int, *, by: Actor) -> None:
    """Change how many places a slot has while people join; more of them go to those who wait."""
    with transaction() as session:
        own = queries.slot(uid, by)
        if own.campaign.stage not in LIVE:
            _only_draft(own.campaign)
        if capacity < max(own.slot.least_women, own.slot.least_experienced):
            raise RuleBroken(_("不能少于留给女志愿者和参加过的人的名额"))
        _touch(session, own.campaign, by)
        _write(session, own.slot, {"capacity": capacity, "least": least})
        advance(session, own.slot.id)


def _write(session: Session, slot: Slot, values: dict[str, Any]) -> None:
    changed = session.scalar(
        update(Slot)
        .where(Slot.id == slot.id, Slot.taken <= values["capacity"])
        .values(**values)
        .returning(Slot.id)
    )
    if changed is None:
        raise RuleBroken(_("已有 %(n)d 人占了名额，不能少于这个数", n=slot.taken))


def remove(uid: str, *, by: Actor) -> None:
    """Take a slot of a draft away, unless somebody has ever signed up for it."""
    with transaction() as session:
        own = queries.slot(uid, by)
        _only_draft(own.campaign)
        used = exists().where(SignUp.slot_id == Slot.id) | exists().where(Block.slot_id == Slot.id)
        gone = session.scalar(delete(Slot).where(Slot.id == own.slot.id, ~used).returning(Slot.id))
        if gone is None:
            raise RuleBroken(_("已有人报过这个名额，不能删除"))
        _touch(session, own.campaign, by)


def _only_draft(campaign: Campaign) -> None:
    if campaign.stage is not Stage.DRAFT:
        raise RuleBroken(_("只有草稿能改，请先撤回修改"))


def _within_visits(campaign: Campaign, when: When) -> None:
    if when.starts_on < campaign.visits_from or when.ends_on > campaign.visits_until:
        raise RuleBroken(_("名额的日期要在活动的走访日期之内"))


def _touch(session: Session, campaign: Campaign, by: Actor) -> None:
    """Note who changed the campaign's places last; a page opened before is out of date."""
    session.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id)
        .values(edited_by_id=by.id, edited_at=clock.now(), version=Campaign.version + 1)
    )
    audit.record("edit_slots", "campaign", campaign.uid, by=by.id)
