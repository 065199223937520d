"""Desks in English: what has an English name is called by it, for those who read no Chinese."""

from dataclasses import dataclass

import pytest

from accounts.rules import Role
from campaigns.models import Brand, Campaign, Slot
from campaigns.stories.rules import State
from core.db import db
from places.models import Area
from places.rules import OrgKind
from tests.browser import Browser, Page
from tests.builders.campaigns import a_block, a_campaign, a_sign_up, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.builders.stories import TEXT, a_story
from tests.builders.wishes import a_wish
from tests.conftest import BrowseAs

SCHOOL, SCHOOL_EN = "示例师范学院", "Sample Normal University"


@dataclass(frozen=True)
class Desk:
    """A campaign of a county, with a school's seats, somebody to call, two stories and a wish."""

    county: Area
    campaign: Campaign
    slot: Slot
    block: str
    story: str

    @property
    def chinese(self) -> list[str]:
        brand = db.session.get_one(Brand, self.campaign.brand_id)
        return [self.county.name, self.campaign.title, brand.name, SCHOOL, TEXT]

    @property
    def english(self) -> list[str]:
        return [self.county.name_en, self.campaign.title_en, SCHOOL_EN, "a small corner of books"]

    def paths(self, role: Role) -> list[str]:
        """Return the addresses of a role, those where all four may stand."""
        here = f"/manage/campaigns/{self.campaign.uid}"
        if role is Role.COORDINATOR:
            return [
                "/sign-ups", "/seat-blocks", "/seat-blocks/new", f"/seat-blocks/{self.block}",
                f"/slots/{self.slot.uid}/blocks/new", "/manage/wishes", f"{here}/numbers",
            ]  # fmt: skip
        return [
            "/manage/campaigns", here, "/manage/campaigns/new", f"{here}/edit", f"{here}/copy",
            f"{here}/slots/new", f"/manage/slots/{self.slot.uid}", f"{here}/stories",
            f"{here}/places", f"{here}/picture", f"{here}/numbers", "/manage/stories",
            f"/manage/stories/{self.story}", f"/manage/stories/{self.story}/send-back",
        ]  # fmt: skip


@pytest.fixture
def desk(app: object) -> Desk:
    county = a_county()
    slot = a_slot(campaign := a_campaign(area_id=county.id), county_id=county.id)
    school = an_organisation(OrgKind.UNIVERSITY, name=SCHOOL, name_en=SCHOOL_EN)
    block = a_block(slot, org_id=school.id)
    a_sign_up(slot, phone="15400000001")
    a_sign_up(slot, org_text=SCHOOL)
    a_wish(campaign, county)
    a_story(campaign)
    story = a_story(campaign, state=State.FIRST_CHECK)
    return Desk(county, campaign, slot, block.uid, story.uid)


def told(page: Page) -> str:
    """Return what the page itself says: not what its forms' fields hold in Chinese."""
    for field in page.soup.select("main :is(input, textarea, [lang=zh-Hans])"):
        field.decompose()
    return " ".join(page.texts("main"))


@pytest.mark.parametrize("role", [Role.EDITOR, Role.COORDINATOR])
def test_nothing_that_has_an_english_name_is_called_by_its_chinese_one(
    role: Role, desk: Desk, browse_as: BrowseAs
) -> None:
    reader = browse_as(a_member_of_staff(role, area_id=desk.county.id), stepped_up=True)
    pages = {path: told(reader.get(f"/en{path}")) for path in desk.paths(role)}
    left = {
        path: found
        for path, text in pages.items()
        if (found := [one for one in desk.chinese if one in text])
    }
    assert left == {}
    silent = [path for path, text in pages.items() if not any(one in text for one in desk.english)]
    assert silent == []


def test_the_same_desks_in_chinese_are_chinese(desk: Desk, browse_as: BrowseAs) -> None:
    editor = browse_as(a_member_of_staff(Role.EDITOR), stepped_up=True)
    listed = told(editor.get("/manage/campaigns"))
    assert desk.campaign.title in listed
    assert desk.campaign.title_en not in listed


def test_whoever_checks_a_story_reads_it_in_both_languages(desk: Desk, browse_as: BrowseAs) -> None:
    story = a_story(desk.campaign, state=State.FIRST_CHECK)
    checker: Browser = browse_as(a_member_of_staff(Role.EDITOR))
    for prefix, other in (("", "en"), ("/en", "zh-Hans")):
        page = checker.get(f"{prefix}/manage/stories/{story.uid}")
        assert story.text in page.text
        assert story.text_en in page.text
        both = {"en": story.text_en, "zh-Hans": story.text}
        assert page.texts(f"main [lang={other}]") == [both[other]]
