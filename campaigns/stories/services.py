"""Taking a story back: by hand at once, by itself when a child or its family agrees no more.

Pages leave out a story without consent at the very next request, since they read the consents
with it. What is done here makes that lasting, and has the files of its picture deleted.
"""

from pathlib import Path

from sqlalchemy import ColumnElement, select, update

from accounts.rules import Actor
from campaigns.stories.desk.queries import visible
from campaigns.stories.faces.queries import lapsed
from campaigns.stories.models import Story, StoryChild
from campaigns.stories.rules import Cause, State
from children.consents.queries import taken_back_at
from children.rules import Purpose
from core import audit, clock, pictures
from core.db import db, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.scopes import find

ASKED = (Purpose.PUBLICATION, Purpose.ASSENT, Purpose.PHOTO)


def withdraw(uid: str, reason: str, *, by: Actor) -> None:
    """Take a story back now, whatever it had come to; it does not come back."""
    with transaction():
        story = find(Story, uid, by)
        mine = (Story.id == story.id) & visible(by)
        if not _gone(mine & (Story.state != State.WITHDRAWN), Cause.DESK, reason):
            raise RuleBroken(_("这篇故事已经撤回"))
        audit.record("withdraw_story", "story", uid, by=by.id, reason=reason)


def sweep(folder: Path) -> int:
    """Take back what is agreed to no more, and delete its pictures; return how many stories."""
    swept = 0
    for story_id in lapsed():
        swept += _sweep_one(story_id)
    _forget_pictures(folder)
    return swept


def _sweep_one(story_id: int) -> bool:
    """Take back one story; a consent given anew in between keeps it, as its pages show it."""
    with transaction() as session:
        if story_id not in lapsed():
            return False
        uid = session.scalar(select(Story.uid).where(Story.id == story_id))
        if not _gone((Story.id == story_id) & (Story.state == State.PUBLISHED), Cause.CONSENT, ""):
            return False
        audit.record("withdraw_story", "story", str(uid), by=None, fields=["consent"])
        return True


def _gone(which: ColumnElement[bool], cause: Cause, reason: str) -> bool:
    with transaction() as session:
        moved = session.scalar(
            update(Story)
            .where(which)
            .values(
                state=State.WITHDRAWN,
                cause=cause,
                note=reason,
                withdrawn_at=clock.now(),
                version=Story.version + 1,
            )
            .returning(Story.id)
            .execution_options(synchronize_session=False)
        )
        if moved is None:
            return False
        if cause is Cause.CONSENT:
            _date_back(moved)
        return True


def _date_back(story_id: int) -> None:
    """Count from when the consent was taken back, not from when that was noticed."""
    with transaction() as session:
        ids = session.scalars(select(StoryChild.child_id).where(StoryChild.story_id == story_id))
        since = taken_back_at(ids.all(), *ASKED)
        published = select(Story.published_at).where(Story.id == story_id)
        if since is None or since < (session.scalar(published) or since):
            return
        session.execute(
            update(Story)
            .where(Story.id == story_id)
            .values(withdrawn_at=since)
            .execution_options(synchronize_session=False)
        )


def _forget_pictures(folder: Path) -> None:
    """Delete the files of withdrawn pictures, then their names: broken off, it is done again."""
    rows = db.session.execute(
        select(Story.id, Story.picture_uid, Story.sizes).where(
            Story.state == State.WITHDRAWN, Story.picture_uid.is_not(None)
        )
    ).all()
    for row in rows:
        for width, _height in row.sizes:
            pictures.file_of(folder, row.picture_uid, width).unlink(missing_ok=True)
        with transaction() as session:
            session.execute(
                update(Story)
                .where(Story.id == row.id)
                .values(picture_uid=None, hiding=None, sizes=[], shows_children=False)
                .execution_options(synchronize_session=False)
            )


def sweep_drafts(folder: Path) -> int:
    """Delete files that no story knows: what was replaced, or broken off; return how many."""
    known = db.session.scalars(select(Story.picture_uid))
    return pictures.forget_all_but(folder, {uid for uid in known if uid})
