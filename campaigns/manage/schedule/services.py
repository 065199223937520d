"""Publishing at an hour that a publisher has set: by the site itself, all checked once more."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.rules import Verb
from campaigns.manage.services import UNSCHEDULED, Step, move, other_people, why_not
from campaigns.models import Campaign
from campaigns.rules import Stage
from core import audit, clock
from core.db import attempt, db, hold, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from messages.services import Notice, plan

LONGEST = timedelta(days=90)
FAILED = "schedule_failed"
READY = frozenset({Stage.APPROVED})


def schedule(uid: str, at: datetime, *, version: int, by: Actor) -> None:
    """Have an approved campaign published at that moment, in this publisher's name.

    Raises NotYours, RuleBroken; Conflict when it has changed since that version.
    """
    now = clock.now()
    if not now < at <= now + LONGEST:
        raise RuleBroken(_("请选以后的时间，最远 %(n)d 天", n=LONGEST.days))
    with transaction() as session:
        seen = campaign_of(uid, by, Role.PUBLISHER)
        set_for = session.scalar(
            update(Campaign)
            .where(
                Campaign.id == seen.id,
                Campaign.stage == Stage.APPROVED,
                Campaign.version == version,
                *other_people(Verb.PUBLISH, uid, by),
            )
            .values(publish_at=at, publish_by_id=by.id, version=Campaign.version + 1)
            .returning(Campaign.id)
        )
        if set_for is None:
            raise why_not(session, uid, READY, version)
        audit.record("schedule_campaign", "campaign", uid, by=by.id)


def unschedule(uid: str, *, by: Actor) -> None:
    """Wait for a publisher's own hand again. Raises NotYours, RuleBroken."""
    with transaction() as session:
        seen = campaign_of(uid, by, Role.PUBLISHER)
        freed = session.scalar(
            update(Campaign)
            .where(Campaign.id == seen.id, Campaign.publish_at.is_not(None))
            .values(**UNSCHEDULED, version=Campaign.version + 1)
            .returning(Campaign.id)
        )
        if freed is None:
            raise RuleBroken(_("没有定时，或者已经公开了，请刷新页面看看"))
        audit.record("unschedule_campaign", "campaign", uid, by=by.id)


def publish_due() -> int:
    """Publish what is due; return how many. What cannot be is given back to people, who are told.

    After an outage it is done late, at once. Each campaign in a transaction of its own, its row
    locked: any number of processes publish it once.
    """
    due = select(Campaign.id).where(
        Campaign.stage == Stage.APPROVED, Campaign.publish_at <= clock.now()
    )
    return sum(_publish(campaign_id) for campaign_id in db.session.scalars(due).all())


def _publish(campaign_id: int) -> bool:
    with transaction() as session:
        hold(select(Campaign.id).where(Campaign.id == campaign_id))
        one = session.get_one(Campaign, campaign_id, populate_existing=True)
        if one.publish_at is None or one.publish_by_id is None or one.stage is not Stage.APPROVED:
            return False
        try:
            with attempt():
                step = Step(Verb.PUBLISH, one.version, _("按定好的时间"))
                move(one.uid, step, by=actor_for(one.publish_by_id))
        except (RuleBroken, NotYours):
            _give_up(one)
            return False
        return True


def _give_up(one: Campaign) -> None:
    """Leave it to people: whoever set the hour has lost the right to, or has a part in it."""
    now = clock.now()
    told = {one.publish_by_id, one.edited_by_id} - {None}
    plan(
        [
            Notice(
                kind=FAILED,
                key=f"{FAILED}/{one.uid}/{one.version}/{person_id}",
                params={
                    "uid": one.uid,
                    "campaign": one.title,
                    "campaign_en": one.title_en,
                },
                due_at=now,
                expire_at=now + timedelta(days=7),
                person_id=person_id,
            )
            for person_id in sorted(one for one in told if one)
        ]
    )
    one.publish_at, one.publish_by_id = None, None
    one.version += 1
    audit.record("unschedule_campaign", "campaign", one.uid, by=None)
