"""After a withdrawal every face is asked for anew, as a visitor would, and the answers are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import exists, func, select

from campaigns.models import Campaign
from campaigns.stories.models import Story, StoryProof
from campaigns.stories.proofs.rules import Answer, Found, found, marks_of
from campaigns.stories.rules import State
from core import audit, clock
from core.db import db, transaction

MOST_TRIES = 20
"""Searches for one story; then its desk page says where it was still seen."""
Visit = Callable[[str, str], Mapping[str, Answer]]
"""Given a campaign's address and a picture's, the answers by `face path`."""


@dataclass(frozen=True, slots=True)
class Due:
    """A withdrawn story that has not been looked for since."""

    id: int
    slug: str
    picture: str
    marks: tuple[str, ...]


def prove(visit: Visit) -> int:
    """Look for every withdrawn story that is not proved gone; return how many were looked for.

    One that is still somewhere is looked for again at the next turn, and each turn is kept.
    """
    waiting = due()
    for one in waiting:
        answers = visit(one.slug, one.picture)
        seen = [found(name, answer, one.marks) for name, answer in answers.items()]
        _keep(one.id, seen)
    return len(waiting)


def due() -> list[Due]:
    """Return the stories that were once public, are withdrawn, and are not proved gone."""
    tries = select(func.count(StoryProof.id)).where(StoryProof.story_id == Story.id)
    proved = exists().where(StoryProof.story_id == Story.id, StoryProof.gone)
    rows = db.session.execute(
        select(Story, Campaign.slug)
        .join(Campaign, Campaign.id == Story.campaign_id)
        .where(
            Story.state == State.WITHDRAWN,
            Story.published_at.is_not(None),
            ~proved,
            tries.scalar_subquery() < MOST_TRIES,
        )
        .order_by(Story.id)
        .limit(20)
    ).all()
    return [_due(row.Story, row.slug) for row in rows]


def _due(story: Story, slug: str) -> Due:
    texts = (story.text, story.text_en, story.alt, story.alt_en)
    width = story.sizes[0][0] if story.sizes else 480
    picture = f"/stories/{story.picture_uid}/{width}.webp" if story.picture_uid else ""
    return Due(story.id, slug, picture, marks_of(texts, story.picture_uid))


def _keep(story_id: int, seen: list[Found]) -> None:
    now = clock.now()
    gone = bool(seen) and all(one.gone for one in seen)
    with transaction() as session:
        story = session.scalars(select(Story).where(Story.id == story_id)).one()
        since = story.withdrawn_at or now
        session.add(
            StoryProof(
                story_id=story_id,
                at=now,
                seconds=max(0, int((now - since).total_seconds())),
                gone=gone,
                faces=[one.kept() for one in seen],
            )
        )
        fields = sorted({one.face for one in seen if one.gone})
        audit.record("prove_story_gone" if gone else "story_still_there", "story", story.uid,
                     by=None, fields=fields)  # fmt: skip
