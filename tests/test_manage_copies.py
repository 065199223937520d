"""The next edition from an earlier one, and a draft from an outline."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from accounts.rules import Role
from campaigns.manage.outlines.queries import outline
from campaigns.models import Activity, Campaign, Slot
from campaigns.rules import SlotKind, Stage, Timing
from core.db import db
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.campaigns import a_brand, a_campaign, a_partner, a_sign_up, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.conftest import BrowseAs


@pytest.fixture
def editor(browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR))


def test_the_next_edition_is_a_draft_a_year_later(editor: Browser) -> None:
    source = a_campaign(title="共护未来 2026", slug="guard-2026", protections=["school"])
    a_partner(source, an_organisation(OrgKind.UNIVERSITY).id)
    slot = a_slot(
        source, kind=SlotKind.GROUP_ACTIVITY, timing=Timing.FIXED, title="一起包饺子",
        place="图书室", from_minute=840, until_minute=990, least=2,
    )  # fmt: skip
    a_sign_up(slot)
    address = f"/manage/campaigns/{source.uid}/copy"
    form = editor.get(address).form("/copy")
    assert (form["title"], form["slug"]) == ("共护未来 2027", "guard-2027")

    page = editor.post(address, form)

    assert page.heading == "共护未来 2027"
    made = db.session.scalars(select(Campaign).where(Campaign.slug == "guard-2027")).one()
    year = timedelta(weeks=52)
    assert (made.stage, made.visits_from) == (Stage.DRAFT, source.visits_from + year)
    assert made.recruit_until == source.recruit_until + year
    assert (made.story, made.protections) == (source.story, ["school"])
    (copy,) = db.session.scalars(select(Slot).where(Slot.campaign_id == made.id)).all()
    assert (copy.starts_on, copy.from_minute, copy.least) == (slot.starts_on + year, 840, 2)
    assert (copy.taken, copy.capacity, copy.place) == (0, slot.capacity, "图书室")
    activity = db.session.get_one(Activity, copy.activity_id)
    assert (activity.title, activity.timing) == ("一起包饺子", Timing.FIXED)
    assert activity.campaign_id == made.id


def test_an_address_is_copied_only_to_another(editor: Browser) -> None:
    source = a_campaign(slug="guard-2026")

    form = {"title": "又一次", "slug": "guard-2026", "begins": "2027-06-01"}
    page = editor.post(f"/manage/campaigns/{source.uid}/copy", form, status=422)

    assert "已被别的活动用了" in " ".join(page.errors)
    assert len(db.session.scalars(select(Campaign)).all()) == 1


@pytest.mark.parametrize(
    ("on", "begins"),
    [
        (date(2026, 11, 24), date(2027, 6, 1)),
        (date(2027, 4, 16), date(2027, 6, 1)),
        (date(2027, 4, 17), date(2028, 6, 1)),
    ],
)
def test_the_publicity_month_is_the_next_one_there_is_time_for(on: date, begins: date) -> None:
    found = outline("publicity_month", on)

    assert found["visits_from"] == begins
    assert found["recruit_from"] >= on
    assert found["slug"] == f"publicity-month-{begins.year}"
    assert outline("../models", on) == {}


def test_a_draft_begins_with_the_outline(editor: Browser) -> None:
    brand, county = a_brand(), a_county()

    page = editor.get("/manage/campaigns/new?outline=publicity_month")
    form = page.form("/manage/campaigns/new")
    texts = {
        str(area["name"]): area.get_text().strip() for area in page.soup.select("textarea[name]")
    }
    sent = form | texts | {
        "brand": str(brand.id), "area": str(county.id), "host": "",
        "protections": ["school", "judicial"], "plans": ["legal"],
    }  # fmt: skip
    editor.post("/manage/campaigns/new", sent)

    made = db.session.scalars(select(Campaign)).one()
    assert (made.title, made.visits_from) == ("未成年人保护宣传月 2027", date(2027, 6, 1))
    assert (made.protections, made.plans) == (["school", "judicial"], ["legal"])
    assert "## 做什么" in made.story


def test_a_page_says_what_a_campaign_protects(visitor: Browser) -> None:
    campaign = a_campaign(protections=["online", "family"], plans=["internet"])

    page = visitor.get(f"/campaigns/{campaign.slug}")

    assert "家庭保护、网络保护" in page.text
    assert "清网整治护航计划" in page.text
