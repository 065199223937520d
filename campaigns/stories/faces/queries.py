"""The one door from stories to the public: whatever shows one asks here, each time anew.

A story is read together with the consent of every child it concerns. Whoever looks without a
right to see the children finds no story about one, never one without its children: what is not
proved is not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Date, String, and_, bindparam, cast, func, or_, select

from campaigns.models import Campaign
from campaigns.rules import PUBLIC, lines
from campaigns.stories.models import Story, StoryChild
from campaigns.stories.rules import State
from children.consents.queries import agrees
from children.rules import Purpose
from core import clock
from core.db import db
from core.errors import NotYours
from core.fences import everything
from places.queries import shown

MOST = 6
"""Stories that a page shows, the newest first."""
TODAY = bindparam("today", type_=Date)


@dataclass(frozen=True, slots=True)
class Picture:
    uid: str
    alt: str
    sizes: Sequence[Sequence[int]]

    @property
    def largest(self) -> Sequence[int]:
        return self.sizes[-1]


@dataclass(frozen=True, slots=True)
class Told:
    """A story as the public reads it: no name, no code, no author."""

    paragraphs: Sequence[str]
    picture: Picture | None


def agreed(on: ColumnElement[date] | date) -> ColumnElement[bool]:
    """Return the condition that every child a story concerns is named and agrees on that day."""
    child, mine = StoryChild.child_id, StoryChild.story_id == Story.id
    yes = and_(
        StoryChild.agreed_on <= on,
        agrees(child, on, Purpose.PUBLICATION, Purpose.ASSENT),
        or_(~Story.shows_children, agrees(child, on, Purpose.PHOTO)),
    )
    named = select(func.count(StoryChild.id)).where(mine).correlate(Story).scalar_subquery()
    willing = select(func.count(StoryChild.id)).where(mine, yes).correlate(Story).scalar_subquery()
    return and_(Story.children == named, Story.children == willing)


def live(on: ColumnElement[date] | date) -> ColumnElement[bool]:
    """Return the condition that a story, joined with its campaign, is public on that day."""
    return and_(Story.state == State.PUBLISHED, Campaign.stage.in_(PUBLIC), agreed(on))


_MARK = cast(Story.id, String).concat(".").concat(cast(Story.version, String))
SHOWN_VERSION = (
    select(func.coalesce(func.aggregate_strings(_MARK, ","), ""))
    .select_from(Story)
    .join(Campaign, Campaign.id == Story.campaign_id)
    .where(live(TODAY))
    .scalar_subquery()
)
"""Which stories are public, in which version: asked with `everything()`, and `today`."""


def public_stories(campaign_id: int, most: int = MOST) -> list[Told]:
    """Return the stories of a campaign that may be read now, the newest first."""
    query = (
        select(Story)
        .join(Campaign, Campaign.id == Story.campaign_id)
        .where(Story.campaign_id == campaign_id, live(TODAY))
        .order_by(Story.published_at.desc(), Story.id.desc())
        .limit(most)
    )
    with everything():
        rows = db.session.scalars(query, {"today": clock.today()}).all()
    return [told(row) for row in rows]


def told(story: Story) -> Told:
    text = shown(story.text, story.text_en)
    return Told(lines(text), picture_of(story))


def picture_of(story: Story) -> Picture | None:
    if story.picture_uid is None:
        return None
    return Picture(story.picture_uid, shown(story.alt, story.alt_en), story.sizes)


def is_live(story_id: int) -> bool:
    """Whether everybody may read a story now."""
    query = select(Story.id).join(Campaign, Campaign.id == Story.campaign_id)
    with everything():
        found = db.session.scalar(
            query.where(Story.id == story_id, live(TODAY)), {"today": clock.today()}
        )
    return found is not None


def is_public_picture(uid: str, width: int, at_the_desk: ColumnElement[bool]) -> bool:
    """Whether everybody may load that size, or only those of the desk. Raises NotYours.

    `at_the_desk` is the condition of who may see the campaign's drafts.
    """
    row = db.session.execute(
        select(Story.id, Story.sizes, at_the_desk.label("own"))
        .join(Campaign, Campaign.id == Story.campaign_id)
        .where(Story.picture_uid == uid)
    ).first()
    if row is None or width not in {size[0] for size in row.sizes}:
        raise NotYours
    if is_live(row.id):
        return True
    if not row.own:
        raise NotYours
    return False


def lapsed() -> list[int]:
    """Return the ids of published stories that a child, or its family, agrees to no more."""
    query = select(Story.id).where(Story.state == State.PUBLISHED, ~agreed(TODAY))
    with everything():
        return list(db.session.scalars(query.order_by(Story.id), {"today": clock.today()}))


def number_named(story_id: int) -> int:
    """Return how many children have been named, which tells nobody whom."""
    with everything():
        query = select(func.count(StoryChild.id)).where(StoryChild.story_id == story_id)
        return db.session.scalar(query) or 0


def all_agree(story_id: int) -> bool:
    """Whether every child the story concerns is named and agrees today, and its family too."""
    with everything():
        query = select(Story.id).where(Story.id == story_id, agreed(clock.today()))
        return db.session.scalar(query) is not None
