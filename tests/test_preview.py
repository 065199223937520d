"""A preview shows a draft as its page will be, to those who work on it and to nobody else."""

import pytest
from flask import Flask

from accounts.rules import Role
from campaigns.rules import Stage
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_slot
from tests.builders.people import a_member_of_staff
from tests.conftest import BrowseAs


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SAFEGUARDING_REVIEW, Stage.APPROVED])
def test_the_page_is_shown_as_it_will_be(stage: Stage, app: Flask, browse_as: BrowseAs) -> None:
    campaign = a_campaign(stage=stage, story="## 去哪里\n**山里**")
    a_slot(campaign)

    page = browse_as(a_member_of_staff(Role.EDITOR)).get(
        f"/manage/campaigns/{campaign.uid}/preview"
    )

    assert page.heading == campaign.title
    assert "预览：还没有公开" in page.text
    assert "还有 10 个名额" in page.text
    assert page.texts("h3") == ["去哪里"]
    assert page.soup.select("meta[name=robots][content=noindex]")
    assert not page.soup.select("meta[property]")


def test_nobody_else_sees_it(app: Flask, visitor: Browser, browse_as: BrowseAs) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    path = f"/manage/campaigns/{campaign.uid}/preview"

    assert visitor.get(path, status=302).html
    browse_as(a_member_of_staff(Role.COORDINATOR)).get(path, status=403)


def test_a_text_is_shown_as_its_page_would_show_it(app: Flask, browse_as: BrowseAs) -> None:
    editor = browse_as(a_member_of_staff(Role.EDITOR))

    page = editor.post(
        "/manage/preview-text",
        {"text": "- 一\n- **二**\n<script>alert(1)</script>[外](https://example.org)"},
    )

    assert page.texts("li") == ["一", "二"]
    assert "script" not in page.html
    assert "href" not in page.html
