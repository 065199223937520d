"""Stories as those who make them see them; which children they concern, for those who may."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor, Role
from campaigns.manage.queries import visible as campaign_visible
from campaigns.manage.rules import WORKING
from campaigns.models import Campaign
from campaigns.stories.models import Story, StoryChild, StoryProof
from campaigns.stories.rules import State
from children.consents.queries import agrees
from children.publication.queries import codes
from children.rules import Purpose
from core import clock
from core.db import AnyRow, db
from core.errors import NotYours
from core.paging import Page, newest_first
from core.scopes import scope
from places.queries import in_language


@scope(Story)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a story is of a campaign the person works on."""
    mine = campaign_visible(actor, *(roles or WORKING))
    return Story.campaign_id.in_(select(Campaign.id).where(mine))


def stories(campaign_id: int, *, after: str | None) -> Page[AnyRow]:
    """Return the stories of a campaign, the newest first."""
    query = select(
        Story.uid, Story.text, Story.text_en, Story.state, Story.children, Story.edited_at
    ).where(Story.campaign_id == campaign_id)
    return newest_first(query, [Story.id], after=after)


def story(uid: str, actor: Actor, *roles: Role) -> AnyRow:
    """Return a story with its campaign and who has had it in hand. Raises NotYours."""
    author, first, second, last = (aliased(Person) for _turn in range(4))
    row = db.session.execute(
        select(
            Story,
            Campaign,
            author.name.label("author"),
            first.name.label("first"),
            second.name.label("second"),
            last.name.label("last"),
        )
        .join(Campaign, Campaign.id == Story.campaign_id)
        .join(author, author.id == Story.author_id)
        .outerjoin(first, first.id == Story.first_by_id)
        .outerjoin(second, second.id == Story.second_by_id)
        .outerjoin(last, last.id == Story.published_by_id)
        .where(Story.uid == uid, visible(actor, *roles))
    ).first()
    if row is None:
        raise NotYours
    return row


def named(story_id: int) -> Sequence[dict[str, Any]]:
    """Return the children of a story that whoever asks may see: code, file, and what lacks."""
    today = clock.today()
    rows = db.session.execute(
        select(
            StoryChild.id,
            StoryChild.child_id,
            StoryChild.agreed_on,
            agrees(StoryChild.child_id, today, Purpose.PUBLICATION).label("publication"),
            agrees(StoryChild.child_id, today, Purpose.ASSENT).label("assent"),
            agrees(StoryChild.child_id, today, Purpose.PHOTO).label("photo"),
        )
        .where(StoryChild.story_id == story_id)
        .order_by(StoryChild.id)
    ).all()
    files = codes([row.child_id for row in rows])
    return [dict(row._mapping) | files[row.child_id] for row in rows]  # noqa: SLF001 - documented


def proofs(story_id: int) -> Sequence[StoryProof]:
    """Return the searches for a withdrawn story, the latest first."""
    query = select(StoryProof).where(StoryProof.story_id == story_id)
    return db.session.scalars(query.order_by(StoryProof.id.desc()).limit(5)).all()


def counts(actor: Actor) -> dict[State, int]:
    """Return how many stories wait for a step that somebody else than the author takes."""
    waiting = (State.FIRST_CHECK, State.SECOND_CHECK, State.FINAL_CHECK)
    row = db.session.execute(
        select(
            *(
                func.count(case(((Story.state == one) & _for_others(actor, one), 1)))
                for one in waiting
            )
        ).where(visible(actor))
    ).one()
    return dict(zip(waiting, row, strict=True))


def _for_others(actor: Actor, state: State) -> ColumnElement[bool]:
    before = Story.second_by_id if state is State.FINAL_CHECK else Story.first_by_id
    return (Story.author_id != actor.id) & before.is_distinct_from(actor.id)


def in_work(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody may see a story's picture before it is public."""
    return visible(actor) & (Story.state != State.WITHDRAWN)


def waiting(actor: Actor, state: State, *, after: str | None) -> Page[AnyRow]:
    """Return the stories that wait for somebody's step, the newest first."""
    query = (
        select(
            Story.uid,
            in_language(Story.text, Story.text_en).label("text"),
            Story.children,
            Story.edited_at,
            in_language(Campaign.title, Campaign.title_en).label("title"),
        )
        .join(Campaign, Campaign.id == Story.campaign_id)
        .where(visible(actor), Story.state == state, _for_others(actor, state))
    )
    return newest_first(query, [Story.id], after=after)
