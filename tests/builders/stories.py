"""Stories for tests: public ones about nobody, and about children who agree."""

import io
from typing import Any

from flask import current_app
from PIL import Image

from campaigns.models import Campaign
from campaigns.stories.models import Story, StoryChild
from campaigns.stories.rules import Cause, Hiding, State
from children.models import Child
from children.rules import ConsentProof, Purpose
from core import clock
from core.pictures import Drawn, kept
from places.models import Area
from tests.builders.campaigns import a_campaign
from tests.builders.children import a_child, a_consent
from tests.builders.people import a_person
from tests.factories import a_number, saved

TEXT = "志愿者带去一箱书，在儿童之家的窗边摆成了小小的书角"
AFTER_FIRST = frozenset({State.SECOND_CHECK, State.FINAL_CHECK, State.PUBLISHED})
AFTER_SECOND = frozenset({State.FINAL_CHECK, State.PUBLISHED})


def a_story(campaign: Campaign | None = None, **given: Any) -> Story:
    """Return a public story about no child, seen by three people besides its author."""
    campaign = campaign or a_campaign()
    state = given.get("state", State.PUBLISHED)
    fields: dict[str, Any] = {
        "campaign_id": campaign.id,
        "text": f"{TEXT}{a_number()}。",
        "text_en": f"Volunteers made a small corner of books {a_number()}.",
        "state": state,
    }
    if "author_id" not in given:
        fields["author_id"] = a_person().id
    if state in AFTER_FIRST:
        fields["first_by_id"] = a_person().id
    if state in AFTER_SECOND:
        fields["second_by_id"] = a_person().id
    if state is State.PUBLISHED:
        fields |= {"published_by_id": a_person().id, "published_at": clock.now()}
    if state is State.WITHDRAWN:
        fields |= {"withdrawn_at": clock.now(), "cause": Cause.DESK, "note": "核对"}
    return saved(Story(**fields | given))


def a_drawn_story(campaign: Campaign | None = None, **given: Any) -> Story:
    """Return a story with a picture whose only size is a real file in the site's folder."""
    out = io.BytesIO()
    Image.new("RGB", (480, 320), "teal").save(out, "WEBP")
    home = current_app.extensions["settings"].home
    fields = {
        "picture_uid": kept(home / "stories", [Drawn(480, 320, out.getvalue())]),
        "sizes": [[480, 320]],
        "alt": "窗边的一排书",
        "alt_en": "A row of books at a window",
        "hiding": Hiding.NONE_TO_SEE,
    }
    return a_story(campaign, **fields | given)


def a_willing_child(village: Area | None = None, *purposes: Purpose, **given: Any) -> Child:
    """Return a child that agrees, with its guardian, to being written about."""
    child = a_child(village, **given)
    for purpose in purposes or (Purpose.PUBLICATION, Purpose.ASSENT):
        a_consent(child, purpose)
    return child


def concerns(story: Story, child: Child, **given: Any) -> StoryChild:
    """Enter that a story concerns a child, which has said yes to it today."""
    fields = {
        "story_id": story.id,
        "child_id": child.id,
        "agreed_on": clock.today(),
        "proof": ConsentProof.PAPER,
        "entered_by_id": a_person().id,
    }
    return saved(StoryChild(**fields | given))
