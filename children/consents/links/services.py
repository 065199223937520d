"""Making a guardian's link, ending it, and the one time it acts."""

from collections.abc import Callable, Collection
from datetime import timedelta

from sqlalchemy import select, update

from accounts.rules import Actor
from children.consents import services as consents
from children.consents.links.models import GuardianLink
from children.consents.links.queries import is_open
from children.fence.queries import only
from children.models import Child
from children.rules import Purpose
from children.services import locked
from core import audit, clock, ids
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.fences import seeing
from core.i18n import _
from core.parameters import value_on

LONGEST_DAYS = 30
ASKABLE = tuple(purpose for purpose in Purpose if purpose is not Purpose.ASSENT)
"""A guardian answers for all but the child's own wish."""


def make(child_uid: str, purposes: Collection[Purpose], *, by: Actor) -> str:
    """Return the secret of a new link, which is kept nowhere else. Raises NotYours, RuleBroken.

    An older link of the child that is still open ends: the family holds one at a time.
    """
    asked = [purpose.value for purpose in ASKABLE if purpose in purposes]
    if not asked:
        raise RuleBroken(_("请至少选一项"))
    secret, now = ids.token(), clock.now()
    days = min(int(value_on("children.link_days", clock.today())), LONGEST_DAYS)
    with transaction() as session:
        child = locked(child_uid, by, *consents.ENTERING)
        session.execute(
            update(GuardianLink)
            .where(GuardianLink.child_id == child.id, is_open())
            .values(revoked_at=now, revoked_by_id=by.id)
        )
        session.add(
            GuardianLink(
                child_id=child.id,
                purposes=asked,
                token_hash=ids.digest(secret),
                made_by_id=by.id,
                made_at=now,
                expires_at=now + timedelta(days=days),
                said_no_to=[],
            )
        )
        audit.record("guardian_link_made", "child", child.uid, by=by.id, fields=asked)
    return secret


def revoke(child_uid: str, link_uid: str, *, by: Actor) -> None:
    """End a link that is still open. Raises NotYours, RuleBroken."""
    with transaction() as session:
        child = locked(child_uid, by, *consents.ENTERING)
        of_child = (GuardianLink.uid == link_uid) & (GuardianLink.child_id == child.id)
        if session.scalar(select(GuardianLink.id).where(of_child)) is None:
            raise NotYours
        ended = session.scalar(
            update(GuardianLink)
            .where(of_child, is_open())
            .values(revoked_at=clock.now(), revoked_by_id=by.id)
            .returning(GuardianLink.id)
        )
        if ended is None:
            raise RuleBroken(_("这个链接已经用过、作废或过期"))
        audit.record("guardian_link_revoked", "child", child.uid, by=by.id)


def answer(
    secret: str, purposes: Collection[Purpose], then: Callable[[int, Actor], None]
) -> list[Purpose]:
    """Say no with a link, once; return what has changed. Raises RuleBroken.

    The WHERE is the lock: of two presses of the button one finds the link open.
    """
    with transaction() as session:
        link = session.execute(
            update(GuardianLink)
            .where(GuardianLink.token_hash == ids.digest(secret), is_open())
            .values(used_at=clock.now())
            .returning(GuardianLink.id, GuardianLink.child_id, GuardianLink.purposes)
        ).first()
        if link is None:
            raise RuleBroken(_("链接已经用过、作废或过期，请向工作人员要一个新的"))
        named = [purpose for purpose in ASKABLE if purpose in purposes]
        chosen = [purpose for purpose in named if purpose.value in link.purposes]
        if not chosen:
            raise RuleBroken(_("请至少选一项"))
        with seeing(only(link.child_id)):
            changed = consents.say_no(link.child_id, chosen, then)
            uid = session.scalars(select(Child.uid).where(Child.id == link.child_id)).one()
        session.execute(
            update(GuardianLink)
            .where(GuardianLink.id == link.id)
            .values(said_no_to=[purpose.value for purpose in changed])
        )
        audit.record("guardian_link_used", "child", uid, by=None, fields=changed)
    return changed
