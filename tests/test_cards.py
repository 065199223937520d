"""The card that a chat shows beside a link to a campaign."""

import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import update

from campaigns.cards.drawing import drawn
from campaigns.cards.texts import card_of
from campaigns.models import Campaign
from campaigns.queries import edition
from campaigns.rules import HALTED, Measure, Stage
from core import clock
from core.db import transaction
from tests.browser import Browser, Page
from tests.builders.campaigns import a_campaign, a_count
from tests.conftest import AtMost


def meta(page: Page) -> dict[str, str]:
    tags = page.soup.select("meta[property], meta[name^=twitter]")
    return {str(tag.get("property") or tag.get("name")): str(tag["content"]) for tag in tags}


def files(app: Flask) -> list[str]:
    folder: Path = app.extensions["settings"].home / "cards"
    return sorted(file.name for file in folder.glob("*"))


def change(campaign: Campaign, **values: object) -> None:
    with transaction() as session:
        session.execute(update(Campaign).where(Campaign.id == campaign.id).values(**values))


def test_a_page_names_its_card_and_the_card_is_there(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign()

    told = meta(visitor.get(f"/campaigns/{campaign.slug}"))
    path = told["og:image"].removeprefix("http://localhost")
    answer = visitor.client.get(path)

    assert told["og:title"] == campaign.title
    assert told["og:description"] == campaign.summary
    assert told["og:url"] == f"http://localhost/campaigns/{campaign.slug}"
    assert told["twitter:card"] == "summary_large_image"
    assert answer.content_type == "image/png"
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    assert len(answer.data) <= 100 * 1024
    assert visitor.cookie() == ""


def test_an_english_page_has_an_english_card(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign()

    told = meta(visitor.get(f"/en/campaigns/{campaign.slug}"))
    both = []
    for language in ("", "/en"):
        with app.app_context():  # else the second would speak the language of the first
            both.append(visitor.client.get(f"{language}/campaigns/{campaign.slug}/card.png").data)

    assert told["og:title"] == campaign.title_en
    assert f"/en/campaigns/{campaign.slug}/card.png" in told["og:image"]
    assert both[0] != both[1]


def test_a_card_is_drawn_once_a_version(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign()
    address = f"/campaigns/{campaign.slug}/card.png"
    first = visitor.client.get(address).data
    name = f"{campaign.slug}.zh_Hans.{campaign.version}.png"
    assert files(app) == [name]
    kept = app.extensions["settings"].home / "cards" / name
    kept.write_bytes(b"kept")
    assert visitor.client.get(address).data == b"kept"

    change(campaign, title="新的名字", version=Campaign.version + 1)

    assert visitor.client.get(address).data not in {first, b"kept"}
    assert files(app) == [f"{campaign.slug}.zh_Hans.{campaign.version}.png"]
    assert campaign.version == 2


@pytest.mark.parametrize("stage", sorted(HALTED))
def test_a_halted_campaign_has_no_card_even_if_one_was_kept(
    app: Flask, visitor: Browser, stage: Stage
) -> None:
    campaign = a_campaign(published_at=clock.now())
    visitor.client.get(f"/campaigns/{campaign.slug}/card.png")

    change(campaign, stage=stage)

    visitor.get(f"/campaigns/{campaign.slug}/card.png", status=404)
    assert meta(visitor.get(f"/campaigns/{campaign.slug}")) == {}


def test_a_draft_has_no_card(app: Flask, visitor: Browser) -> None:
    slug = a_campaign(stage=Stage.DRAFT).slug

    visitor.get(f"/campaigns/{slug}/card.png", status=404)


def test_a_title_the_font_lacks_has_no_card(app: Flask, visitor: Browser) -> None:
    campaign = a_campaign(title="双囍临门")

    told = meta(visitor.get(f"/campaigns/{campaign.slug}"))

    assert "og:image" not in told
    assert told["twitter:card"] == "summary"
    visitor.get(f"/campaigns/{campaign.slug}/card.png", status=404)


def test_a_card_says_no_number_of_the_campaign(app: Flask) -> None:
    campaign = a_campaign()
    a_count(campaign, Measure.PAIRINGS, 987654)

    card = card_of(edition(campaign.slug))

    assert card
    assert "987654" not in " ".join(card.texts)
    assert campaign.title in card.texts
    assert drawn(card) == drawn(card)


def test_a_kept_card_costs_one_look_at_the_database(
    app: Flask, visitor: Browser, at_most: AtMost
) -> None:
    address = f"/campaigns/{a_campaign().slug}/card.png"
    visitor.client.get(address)

    with at_most(2):
        visitor.client.get(address)
