"""Publishing at an hour: in the name of somebody who may, once, and never what has changed."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import RoleGrant
from accounts.queries import actor_for
from accounts.rules import Actor, Role
from campaigns.manage.rules import Verb
from campaigns.manage.schedule import services
from campaigns.manage.services import Conflict, Step, move
from campaigns.models import Campaign
from campaigns.rules import Stage
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.models import Message
from messages.texts import render
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_slot
from tests.builders.people import a_member_of_staff
from tests.conftest import NOON, BrowseAs, SetClock

TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def publisher_id(app: Flask) -> int:
    return a_member_of_staff(Role.PUBLISHER)


@pytest.fixture
def publisher(publisher_id: int) -> Actor:
    return actor_for(publisher_id)


@pytest.fixture
def approved(app: Flask) -> Campaign:
    campaign = a_campaign(
        stage=Stage.APPROVED,
        edited_by_id=a_member_of_staff(Role.EDITOR),
        reviewed_by_id=a_member_of_staff(Role.SAFEGUARDING_LEAD),
    )
    a_slot(campaign)
    return campaign


def fresh(campaign: Campaign) -> Campaign:
    db.session.expire_all()
    return db.session.get_one(Campaign, campaign.id)


def set_for_tomorrow(campaign: Campaign, by: Actor) -> None:
    services.schedule(campaign.uid, TOMORROW, version=campaign.version, by=by)


def test_a_publisher_sets_an_hour_and_the_site_publishes_then(
    publisher_id: int,
    approved: Campaign,
    browse_as: BrowseAs,
    visitor: Browser,
    set_clock: SetClock,
) -> None:
    browser = browse_as(publisher_id)
    path = f"/manage/campaigns/{approved.uid}/schedule"
    form = browser.get(path).form(path)
    page = browser.post(path, form | {"day": "2026-11-25", "hour": "08:30"})
    assert "定于明天 08:30由本站公开" in page.text
    assert "已定时" in browser.get("/manage/campaigns?show=scheduled").text
    assert services.publish_due() == 0
    visitor.get(f"/campaigns/{approved.slug}", status=404)

    set_clock(NOON + timedelta(hours=20, minutes=30))
    assert services.publish_due() == 1

    one = fresh(approved)
    assert (one.stage, one.published_by_id) == (Stage.RECRUITING, publisher_id)
    assert (one.publish_at, one.publish_by_id) == (None, None)
    last = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert last is not None
    assert (last.action, last.actor_id, last.reason) == (
        "publish_campaign", publisher_id, "按定好的时间",
    )  # fmt: skip
    visitor.get(f"/campaigns/{approved.slug}")
    assert services.publish_due() == 0


def test_after_an_outage_it_is_published_late(
    publisher: Actor, approved: Campaign, set_clock: SetClock
) -> None:
    set_for_tomorrow(approved, publisher)
    set_clock(NOON + timedelta(days=3))

    assert services.publish_due() == 1


@pytest.mark.parametrize("away", [timedelta(), timedelta(minutes=-1), timedelta(days=91)])
def test_the_hour_lies_ahead_and_not_too_far(
    away: timedelta, publisher: Actor, approved: Campaign
) -> None:
    with pytest.raises(RuleBroken, match="最远 90 天"):
        services.schedule(approved.uid, NOON + away, version=approved.version, by=publisher)


def test_what_has_changed_since_is_not_set(publisher: Actor, approved: Campaign) -> None:
    with pytest.raises(Conflict):
        services.schedule(approved.uid, TOMORROW, version=approved.version + 1, by=publisher)


def test_whoever_edited_or_reviewed_it_sets_no_hour(approved: Campaign) -> None:
    both = a_member_of_staff(Role.PUBLISHER)
    with transaction() as session:
        session.get_one(Campaign, approved.id).reviewed_by_id = both

    with pytest.raises(RuleBroken, match="三个不同的人"):
        set_for_tomorrow(approved, actor_for(both))


def test_a_draft_has_no_hour(publisher: Actor) -> None:
    draft = a_campaign(stage=Stage.DRAFT)

    with pytest.raises(RuleBroken, match="阶段"):
        set_for_tomorrow(draft, publisher)


def test_an_editor_who_takes_it_back_takes_the_hour_with_it(
    publisher: Actor, approved: Campaign, set_clock: SetClock
) -> None:
    set_for_tomorrow(approved, publisher)
    editor = actor_for(a_member_of_staff(Role.EDITOR))
    move(approved.uid, Step(Verb.WITHDRAW, fresh(approved).version), by=editor)
    set_clock(TOMORROW)

    assert services.publish_due() == 0
    assert fresh(approved).publish_at is None


def test_an_hour_is_taken_back_by_a_publisher(
    publisher: Actor, approved: Campaign, browse_as: BrowseAs, set_clock: SetClock
) -> None:
    set_for_tomorrow(approved, publisher)
    browser = browse_as(a_member_of_staff(Role.PUBLISHER))
    page = browser.get(f"/manage/campaigns/{approved.uid}")
    browser.post(f"/manage/campaigns/{approved.uid}/unschedule", page.form("/unschedule"))
    set_clock(TOMORROW)

    assert services.publish_due() == 0
    assert fresh(approved).stage is Stage.APPROVED
    with pytest.raises(RuleBroken, match="没有定时"):
        services.unschedule(approved.uid, by=publisher)
    with pytest.raises(NotYours):
        services.unschedule(approved.uid, by=actor_for(a_member_of_staff(Role.EDITOR)))


def test_whoever_is_no_publisher_any_more_publishes_nothing_and_people_are_told(
    publisher: Actor, approved: Campaign, set_clock: SetClock
) -> None:
    set_for_tomorrow(approved, publisher)
    with transaction() as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == publisher.id)).one()
        grant.ended_at = NOON
    set_clock(TOMORROW)

    assert services.publish_due() == 0

    one = fresh(approved)
    assert (one.stage, one.publish_at) == (Stage.APPROVED, None)
    told = db.session.scalars(select(Message).where(Message.kind == "schedule_failed")).all()
    assert {message.person_id for message in told} == {publisher.id, approved.edited_by_id}
    body = render("schedule_failed", "zh_Hans", told[0].params).body
    assert f"/manage/campaigns/{approved.uid}" in body
    assert services.publish_due() == 0
