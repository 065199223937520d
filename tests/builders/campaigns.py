"""Campaigns, slots and sign-ups for tests."""

import io
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from PIL import Image
from sqlalchemy import select

from campaigns.blocks.models import Block
from campaigns.exams.models import ExamPeriod
from campaigns.models import Activity, Brand, Campaign, CampaignPartner, Slot
from campaigns.numbers import queries as numbers
from campaigns.numbers.models import DayCount
from campaigns.numbers.rules import laid_aside
from campaigns.pictures.models import CampaignPicture
from campaigns.posters.models import CampaignPlace
from campaigns.reports.models import ClosingReport
from campaigns.rules import Measure, SlotKind, Stage, Timing
from campaigns.seats.rules import SeatState
from campaigns.signups.day.models import Attendance
from campaigns.signups.models import SignUp
from core import clock, ids
from core.db import db, transaction
from core.pictures import Drawn, kept
from core.zone import CHINA
from tests.builders.people import a_person
from tests.builders.places import a_county, an_organisation
from tests.factories import a_number, saved


def a_brand(**given: Any) -> Brand:
    number = a_number()
    fields = {
        "slug": f"brand-{number}",
        "name": f"情暖新春{number}",
        "name_en": f"Warm New Year {number}",
        "tagline": "过一个团圆年",
        "tagline_en": "A New Year together",
        "art": "lanterns",
    }
    return saved(Brand(**fields | given))


def a_campaign(**given: Any) -> Campaign:
    """Return a campaign that is recruiting today, complete in both languages."""
    number, today = a_number(), clock.today()
    fields = {
        "slug": f"campaign-{number}",
        "title": f"共护未来{number}",
        "title_en": f"Guarding the Future {number}",
        "summary": "陪孩子读一本书，过一个团圆年。",
        "summary_en": "Read a book together and keep the New Year together.",
        "story": "冬天的村庄很安静。\n我们去敲门，带着书。",
        "story_en": "Winter villages are quiet.\nWe knock, with books.",
        "needed": "愿意每月去一次的人\n会讲故事的人",
        "needed_en": "People who can come every month\nPeople who tell stories",
        "risks": "山路冬季可能结冰",
        "risks_en": "Mountain roads may be icy in winter",
        "recruit_from": today - timedelta(days=5),
        "recruit_until": today + timedelta(days=20),
        "training_on": today + timedelta(days=25),
        "visits_from": today + timedelta(days=40),
        "visits_until": today + timedelta(days=70),
        "goal_volunteers": 300,
        "stage": Stage.RECRUITING,
    }
    fields |= given
    if "brand_id" not in fields:
        fields["brand_id"] = a_brand().id
    if "area_id" not in fields:
        fields["area_id"] = a_county().id
    return saved(Campaign(**fields))


def a_partner(campaign: Campaign, org_id: int) -> CampaignPartner:
    return saved(CampaignPartner(campaign_id=campaign.id, org_id=org_id))


def an_activity(campaign: Campaign | None = None, **given: Any) -> Activity:
    """Return the activity of that kind in a campaign, a new one if need be."""
    campaign = campaign or a_campaign()
    fields = {"campaign_id": campaign.id, "kind": SlotKind.PAIRING_VISITS} | given
    found = db.session.scalars(select(Activity).filter_by(**fields)).first()
    return found or saved(Activity(**fields))


def a_slot(campaign: Campaign | None = None, **given: Any) -> Slot:
    """Return a slot with ten places in the campaign's own area."""
    campaign = campaign or a_campaign()
    of = {name: given.pop(name) for name in ("kind", "timing", "title") if name in given}
    fields = {
        "campaign_id": campaign.id,
        "activity_id": an_activity(campaign, **of).id,
        "county_id": campaign.area_id,
        "starts_on": campaign.visits_from,
        "ends_on": campaign.visits_until,
        "capacity": 10,
    }
    return saved(Slot(**fields | given))


def a_block(slot: Slot | None = None, *, seats: int = 3, **given: Any) -> Block:
    """Return seats of a slot that are kept for an organisation for a week."""
    slot = slot or a_slot()
    if "org_id" not in given:
        given["org_id"] = an_organisation().id
    if "made_by_id" not in given:
        given["made_by_id"] = a_person().id
    fields = {
        "slot_id": slot.id,
        "asked": seats,
        "capacity": seats,
        "expires_at": clock.now() + timedelta(days=7),
    }
    with transaction() as session:
        session.get_one(Slot, slot.id).taken += seats
    return saved(Block(**fields | given))


def a_slot_of_today(campaign: Campaign | None = None, **given: Any) -> Slot:
    """Return a slot of a group activity from ten to four today that asks for no papers."""
    today = clock.today()
    fields = {
        "kind": SlotKind.GROUP_ACTIVITY,
        "timing": Timing.FIXED,
        "with_children": False,
        "trained": False,
        "screened": False,
        "starts_on": today,
        "ends_on": today,
        "from_minute": 600,
        "until_minute": 960,
    }
    return a_slot(campaign, **fields | given)


def a_picture(campaign: Campaign | None = None, **given: Any) -> CampaignPicture:
    """Return a picture of a campaign whose only size is a real file in the site's folder."""
    campaign = campaign or a_campaign()
    out = io.BytesIO()
    Image.new("RGB", (480, 320), "teal").save(out, "WEBP")
    settings = current_app.extensions["settings"]
    fields = {
        "campaign_id": campaign.id,
        "alt": "雪后的山路",
        "alt_en": "A mountain road after snow",
        "sizes": [[480, 320]],
        "added_by_id": a_person().id,
    }
    if "uid" not in given:
        sizes = [Drawn(480, 320, out.getvalue())]
        fields["uid"] = kept(settings.home / "pictures", sizes)
    return saved(CampaignPicture(**fields | given))


def a_campaign_place(campaign: Campaign | None = None, **given: Any) -> CampaignPlace:
    campaign = campaign or a_campaign()
    fields = {"campaign_id": campaign.id, "name": f"图书馆{a_number()}"}
    return saved(CampaignPlace(**fields | given))


def an_exam(**given: Any) -> ExamPeriod:
    """Return examinations of everybody, some weeks from now."""
    today = clock.today()
    fields = {
        "name": f"样例考试周{a_number()}",
        "first_day": today + timedelta(days=30),
        "last_day": today + timedelta(days=40),
        "source": "样例校历",
    }
    return saved(ExamPeriod(**fields | given))


def a_reported_campaign(**given: Any) -> Campaign:
    """Return a campaign that is over and has its report published, with no number to tell."""
    campaign = a_campaign(**{"stage": Stage.PUBLISHED_REPORT} | given)
    figures = numbers.figures(campaign.id, [campaign.area_id])
    saved(
        ClosingReport(
            campaign_id=campaign.id,
            text="## 这个冬天\n谢谢每一位来过的人。",
            text_en="## This winter\nThanks to everybody who came.",
            written_by_id=a_person().id,
            published_by_id=a_person().id,
            published_at=clock.now(),
            figures=laid_aside(figures),
        )
    )
    return campaign


def a_correction(campaign: Campaign, **given: Any) -> ClosingReport:
    """Return a correction of that campaign's report which waits for whoever publishes it."""
    last = db.session.scalars(
        select(ClosingReport)
        .where(ClosingReport.campaign_id == campaign.id)
        .order_by(ClosingReport.number.desc())
    ).first()
    assert last
    fields = {
        "campaign_id": campaign.id,
        "number": last.number + 1,
        "text": "## 这个冬天\n谢谢每一位来过的志愿者。",
        "text_en": last.text_en,
        "reason": "更正了称呼",
        "reason_en": "A word was wrong",
        "written_by_id": a_person().id,
        "figures": last.figures,
    }
    return saved(ClosingReport(**fields | given))


def a_sign_up(slot: Slot | None = None, *, secret: str = "", **given: Any) -> SignUp:
    """Return a sign-up that waits for its link to be used, its seat held.

    `secret` is what the link carries; give `phone` and no e-mail for one that waits for a call.
    """
    slot = slot or a_slot()
    number = a_number()
    phone, email = given.pop("phone", None), given.pop("email", None)
    if not (phone or email):
        email = f"s{number}@example.org"
    fields = {
        "slot_id": slot.id,
        "contact": phone or email,
        "phone": phone,
        "email": email,
        "name": f"样例报名{number}",
        "org_text": "示例大学",
        "token_hash": ids.digest(secret or ids.token()),
        "expires_at": clock.now() + timedelta(hours=48),
    }
    sign_up = SignUp(**fields | given)
    with transaction() as session:
        if fields.get("state", given.get("state")) is not SeatState.WAITING:
            session.get_one(Slot, slot.id).taken += given.get("party", 1)
        session.add(sign_up)
    return sign_up


def an_attendance(one: SignUp, arrived: datetime, left: datetime | None = None) -> Attendance:
    """Return the day on which somebody of a sign-up came; their sign-up's state is the caller's."""
    day = arrived.astimezone(CHINA).date()
    return saved(Attendance(sign_up_id=one.id, day=day, arrived_at=arrived, left_at=left))


def a_count(campaign: Campaign, measure: Measure, count: int, **given: Any) -> DayCount:
    """Return a counter of long ago, old enough to be told."""
    fields = {
        "campaign_id": campaign.id,
        "county_id": campaign.area_id,
        "measure": measure,
        "day": clock.today() - timedelta(days=60),
        "count": count,
    }
    return saved(DayCount(**fields | given))
