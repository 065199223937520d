"""Sending again to those whom nothing has reached."""

from sqlalchemy import update

from accounts.rules import Actor
from core import audit, clock
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from messages.desk.queries import Reach, failures, subject_id
from messages.models import Message
from messages.rules import State


def send_to_failures(kind: str, ref: str, *, by: Actor, reach: Reach) -> int:
    """Send once more what failed about a subject, and nothing that may have arrived.

    Returns how many. Raises NotYours and RuleBroken.
    """
    now = clock.now()
    with transaction() as session:
        about = subject_id(kind, ref, by, reach)
        again = session.scalars(
            update(Message)
            .where(Message.id.in_(failures(about, now)))
            .values(
                state=State.PENDING, next_at=now, attempts=0, given_up=0, looks=0, error=None,
                claim_token=None,
            )
            .returning(Message.id)
        ).all()  # fmt: skip
        if not again:
            raise RuleBroken(_("没有还能重发的失败消息"))
        audit.record("send_again", "message_subject", ref, by=by.id)
    return len(again)
