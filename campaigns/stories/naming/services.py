"""Which children a story concerns: entered by those who answer for them, before it is public."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from accounts.rules import Actor, Role
from campaigns.stories.desk.queries import visible
from campaigns.stories.faces.queries import number_named
from campaigns.stories.models import Story, StoryChild
from campaigns.stories.rules import LINKING
from children.consents.rules import proofs_for
from children.publication.queries import by_code
from children.rules import ConsentProof, Purpose
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.scopes import find


@dataclass(frozen=True, slots=True)
class Yes:
    """That a child was shown this very story and said yes to it."""

    code: str
    proof: ConsentProof


def name_child(uid: str, yes: Yes, *, by: Actor) -> None:
    """Enter a child that a story concerns. Raises RuleBroken and NotYours."""
    with transaction():
        story = _linked(uid, by)
        found = by_code(yes.code, by)
        if len(found) != 1:
            raise RuleBroken(_("您负责的孩子里没有这个代号，或者有两个，请核对后再填"))
        ((child_id, band),) = found
        if yes.proof not in proofs_for(Purpose.ASSENT, band):
            raise RuleBroken(_("这一项不能用所选的证明方式，14 岁起须由孩子签字"))
        if number_named(story.id) >= story.children:
            raise RuleBroken(_("登记的孩子已经够了；还有别的孩子，请退回给写的人改数目"))
        made = insert_once(
            StoryChild,
            story_id=story.id,
            child_id=child_id,
            agreed_on=clock.today(),
            proof=yes.proof,
            entered_by_id=by.id,
            entered_at=clock.now(),
        )
        if made is None:
            raise RuleBroken(_("这个孩子已经登记过"))
        audit.record("name_story_child", "story", uid, by=by.id)


def unname_child(uid: str, entry: int, *, by: Actor) -> None:
    """Take a child off again that was entered by mistake."""
    with transaction() as session:
        story = _linked(uid, by)
        gone = session.scalar(
            delete(StoryChild)
            .where(StoryChild.id == entry, StoryChild.story_id == story.id)
            .returning(StoryChild.id)
        )
        if gone is None:
            raise NotYours
        audit.record("unname_story_child", "story", uid, by=by.id)


def _linked(uid: str, by: Actor) -> Story:
    """Return a story whose children may still be named, locked."""
    story = find(Story, uid, by, Role.SAFEGUARDING_LEAD)
    with transaction() as session:
        locked = session.scalars(
            select(Story)
            .where(Story.id == story.id, Story.state.in_(LINKING), visible(by))
            .with_for_update()
        ).first()
    if locked is None:
        raise RuleBroken(_("复审以后不能再改孩子，请先退回"))
    return locked
