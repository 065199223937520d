"""Small stories: three people look at each, and nobody reads one about a child that says no."""

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from accounts.rules import Role
from campaigns.models import Campaign
from campaigns.rules import Stage
from campaigns.stories.models import Story
from campaigns.stories.rules import State
from children.models import Child
from children.rules import AgeBand, NeedState, Purpose
from core.db import db, transaction
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_reported_campaign
from tests.builders.children import a_consent
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_county, a_township, a_village
from tests.builders.stories import a_drawn_story, a_story, a_willing_child, concerns
from tests.conftest import AtMost, BrowseAs

TICKS = ["names_nobody", "picture", "children", "dignity"]


class Desk:
    """A county with everybody a story needs, and a campaign to tell one of."""

    def __init__(self, browse_as: BrowseAs) -> None:
        self.county = a_county()
        self.village = a_village(a_township(self.county))
        self.campaign = a_campaign(area_id=self.county.id)
        roles = {
            "author": Role.EDITOR,
            "editor": Role.EDITOR,
            "lead": Role.SAFEGUARDING_LEAD,
            "publisher": Role.PUBLISHER,
        }
        self.people = {
            name: browse_as(a_member_of_staff(role, area_id=self.county.id))
            for name, role in roles.items()
        }

    def write(self, status: int = 200, **typed: str) -> Page:
        sent = {"text": "志愿者带去一箱书，摆成了书角。", "about": "nobody"} | typed
        at = f"/manage/campaigns/{self.campaign.uid}/stories/new"
        return self.people["author"].post(at, sent, status)

    def submit(self, story: Story, status: int = 200) -> Page:
        sent = {"version": str(fresh(story).version)}
        return self.people["author"].post(f"/manage/stories/{story.uid}/submit", sent, status)

    def check(self, who: str, story: Story, status: int = 200, **typed: str) -> Page:
        sent = {"checks": TICKS, "version": str(fresh(story).version)} | typed
        return self.people[who].post(f"/manage/stories/{story.uid}/check", sent, status)

    def name(self, story: Story, child: Child, status: int = 200, proof: str = "paper") -> Page:
        sent = {"code": child.alias, "proof": proof}
        return self.people["lead"].post(f"/manage/stories/{story.uid}/children", sent, status)


def fresh(story: Story) -> Story:
    db.session.expire_all()
    return db.session.get_one(Story, story.id)


def the_story() -> Story:
    return db.session.scalars(select(Story)).one()


@pytest.fixture
def desk(app: Flask, browse_as: BrowseAs) -> Desk:
    return Desk(browse_as)


def page_of(visitor: Browser, campaign: Campaign) -> str:
    return visitor.get(f"/campaigns/{campaign.slug}").text


def test_three_people_after_the_author_and_then_everybody_reads_it(
    desk: Desk, visitor: Browser
) -> None:
    desk.write()
    story = the_story()
    assert "书角" not in page_of(visitor, desk.campaign)
    desk.submit(story)
    desk.check("editor", story)
    desk.check("lead", story)
    assert "书角" not in page_of(visitor, desk.campaign)

    assert "已公开" in desk.check("publisher", story).notices

    assert "摆成了书角" in page_of(visitor, desk.campaign)
    assert "摆成了书角" in visitor.get(f"/campaigns/{desk.campaign.slug}/led").text


def test_a_report_tells_the_stories_too(app: Flask, visitor: Browser) -> None:
    campaign = a_reported_campaign()
    a_story(campaign, text="志愿者修好了村口的书架。")

    assert "村口的书架" in visitor.get(f"/campaigns/{campaign.slug}/report").text


def test_no_step_is_taken_twice_by_the_same_hands(desk: Desk, browse_as: BrowseAs) -> None:
    desk.write()
    story = the_story()
    desk.submit(story)

    assert "另一位同事" in desk.check("author", story, 422).text
    desk.check("publisher", story)
    desk.check("lead", story)
    desk.check("publisher", story)
    assert fresh(story).state is State.PUBLISHED


@pytest.mark.parametrize(
    "twice",
    [("author_id", "first_by_id"), ("author_id", "second_by_id"), ("first_by_id", "second_by_id"),
     ("author_id", "published_by_id"), ("second_by_id", "published_by_id")],
)  # fmt: skip
def test_the_database_refuses_one_person_twice(app: Flask, twice: tuple[str, str]) -> None:
    one = a_person().id
    with pytest.raises(IntegrityError):
        a_story(None, **dict.fromkeys(twice, one))


def test_a_step_is_for_its_role_and_in_its_turn(desk: Desk) -> None:
    desk.write()
    story = the_story()
    desk.check("lead", story, 422)
    desk.submit(story)
    desk.check("lead", story, 422)
    desk.check("editor", story)
    desk.check("publisher", story, 422)


def test_every_point_has_to_be_looked_at(desk: Desk) -> None:
    desk.write()
    story = the_story()
    desk.submit(story)

    page = desk.check("editor", story, 422, checks=TICKS[:3])  # type: ignore[arg-type]  # a list

    assert any("每一项都看过" in error for error in page.errors)


def test_what_was_changed_meanwhile_is_not_passed(desk: Desk) -> None:
    story = a_story(desk.campaign, state=State.FIRST_CHECK)

    page = desk.check("editor", story, 422, version=str(story.version - 1))

    assert any("刚有人改过" in error for error in page.errors)


def test_who_says_no_child_leaves_the_number_empty_and_the_other_way_round(desk: Desk) -> None:
    assert any("几个孩子" in one for one in desk.write(422, about="some").errors)
    assert any("留空" in one for one in desk.write(422, children="2").errors)


def test_a_story_sent_back_is_mended_and_begins_anew(desk: Desk) -> None:
    story = a_story(desk.campaign, state=State.SECOND_CHECK)
    sent = {"note": "请写得短一些", "version": str(story.version)}
    desk.people["lead"].post(f"/manage/stories/{story.uid}/send-back", sent)

    mended = fresh(story)

    assert (mended.state, mended.first_by_id) == (State.DRAFT, None)
    assert "请写得短一些" in desk.people["author"].get(f"/manage/stories/{story.uid}").text


# --- stories about children


def a_story_about(desk: Desk, *children: Child, state: State, **given: object) -> Story:
    story = a_story(desk.campaign, state=state, children=len(children), **given)
    for child in children:
        concerns(story, child)
    return story


def test_a_story_about_a_child_takes_its_yes_and_its_guardians(
    desk: Desk, visitor: Browser
) -> None:
    child = a_willing_child(desk.village)
    desk.write(about="some", children="1", text="志愿者听孩子念完了一整本书。")
    story = the_story()
    desk.submit(story)
    desk.check("editor", story)
    assert any("登记" in one for one in desk.check("lead", story, 422, impact="必要").errors)
    desk.name(story, child)
    assert any("影响" in one for one in desk.check("lead", story, 422).errors)
    desk.check("lead", story, impact="鼓励更多人来读书；认不出是谁")
    desk.check("publisher", story)

    page = visitor.get(f"/campaigns/{desk.campaign.slug}")

    assert "念完了一整本书" in page.text
    assert child.alias not in page.html
    assert child.uid not in page.html


@pytest.mark.parametrize("lacking", [Purpose.PUBLICATION, Purpose.ASSENT])
def test_one_yes_is_not_enough(desk: Desk, visitor: Browser, lacking: Purpose) -> None:
    given = {Purpose.PUBLICATION, Purpose.ASSENT} - {lacking}
    child = a_willing_child(desk.village, *given)
    story = a_story_about(desk, child, state=State.SECOND_CHECK)

    assert any("同意" in one for one in desk.check("lead", story, 422, impact="必要").errors)


@pytest.mark.parametrize(
    "given",
    [{"state": "withdrawn"}, {"text_version": "2025-9"}, {"valid_until": None}],
    ids=["taken back", "an older text", "run out"],
)
def test_a_consent_that_does_not_hold_shows_nothing_by_any_address(
    desk: Desk, visitor: Browser, given: dict[str, object]
) -> None:
    child = a_willing_child(desk.village, Purpose.ASSENT)
    if "valid_until" in given:
        given = {"valid_until": a_consent(child, Purpose.PHOTO).dated}
    a_consent(child, Purpose.PUBLICATION, **given)
    story = a_drawn_story(desk.campaign, children=1, text="这一篇谁也不该读到。")
    concerns(story, child)

    for end in ("", "/led"):
        assert "谁也不该读到" not in visitor.get(f"/campaigns/{desk.campaign.slug}{end}").text
        assert "谁也不该读到" not in visitor.get(f"/en/campaigns/{desk.campaign.slug}{end}").text
    visitor.get(f"/stories/{story.picture_uid}/480.webp", 404)
    visitor.get(f"/manage/stories/{story.uid}", 302)


@pytest.mark.parametrize("state", [NeedState.AGED_OUT, NeedState.WITHDRAWN])
def test_who_has_grown_up_or_left_is_written_about_no_more(
    desk: Desk, visitor: Browser, state: NeedState
) -> None:
    a_story_about(desk, a_willing_child(desk.village, state=state), state=State.PUBLISHED)

    assert "书角" not in page_of(visitor, desk.campaign)


def test_one_of_two_children_is_enough_to_stop_it(desk: Desk, visitor: Browser) -> None:
    children = a_willing_child(desk.village), a_willing_child(desk.village, Purpose.ASSENT)
    a_story_about(desk, *children, state=State.PUBLISHED)

    assert "书角" not in page_of(visitor, desk.campaign)


def test_a_child_that_is_counted_but_not_named_stops_it(desk: Desk, visitor: Browser) -> None:
    story = a_story(desk.campaign, children=2)
    concerns(story, a_willing_child(desk.village))

    assert "书角" not in page_of(visitor, desk.campaign)


def test_a_picture_with_children_takes_a_yes_to_pictures(desk: Desk, visitor: Browser) -> None:
    child = a_willing_child(desk.village)
    story = a_drawn_story(desk.campaign, children=1, shows_children=True)
    concerns(story, child)
    visitor.get(f"/stories/{story.picture_uid}/480.webp", 404)

    a_consent(child, Purpose.PHOTO)

    assert visitor.client.get(f"/stories/{story.picture_uid}/480.webp").status_code == 200
    assert "书角" in page_of(visitor, desk.campaign)


def test_from_fourteen_on_a_child_signs(desk: Desk) -> None:
    child = a_willing_child(desk.village, age_band=AgeBand.A14_15)
    story = a_story(desk.campaign, state=State.SECOND_CHECK, children=1)

    assert any("签字" in one for one in desk.name(story, child, 422, "asked_in_person").errors)
    assert not desk.name(story, child).errors


def test_a_lead_names_children_of_their_own_places_only(desk: Desk) -> None:
    story = a_story(desk.campaign, state=State.SECOND_CHECK, children=1)
    elsewhere = a_willing_child(a_village())

    assert any("没有这个代号" in one for one in desk.name(story, elsewhere, 422).errors)


def test_the_author_never_sees_which_child_it_is(desk: Desk) -> None:
    child = a_willing_child(desk.village)
    story = a_story_about(desk, child, state=State.FIRST_CHECK)

    assert child.alias in desk.people["lead"].get(f"/manage/stories/{story.uid}").html
    for who in ("author", "editor", "publisher"):
        page = desk.people[who].get(f"/manage/stories/{story.uid}")
        assert child.alias not in page.html
        assert "已登记 1 个" in page.text


def test_a_neighbours_desk_finds_no_story(desk: Desk, browse_as: BrowseAs) -> None:
    story = a_story(desk.campaign)
    neighbour = browse_as(a_member_of_staff(Role.EDITOR, area_id=a_county().id))

    neighbour.get(f"/manage/stories/{story.uid}", 404)
    neighbour.post(f"/manage/stories/{story.uid}/withdraw", {"note": "看看"}, 404)


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SUSPENDED])
def test_a_campaign_that_is_not_public_tells_no_story(
    app: Flask, visitor: Browser, stage: Stage
) -> None:
    story = a_drawn_story(a_campaign(stage=stage))

    visitor.get(f"/stories/{story.picture_uid}/480.webp", 404)


def test_lists_cost_the_same_at_ten_and_at_a_hundred(desk: Desk, at_most: AtMost) -> None:
    for _turn in range(30):
        a_story(desk.campaign)
    author = desk.people["author"]
    author.get("/home")
    with at_most(8):
        author.get(f"/manage/campaigns/{desk.campaign.uid}/stories")
    with at_most(8):
        desk.people["lead"].get("/manage/stories")
    with transaction() as session:
        session.execute(delete(Story))
    assert "还没有故事" in author.get(f"/manage/campaigns/{desk.campaign.uid}/stories").text
