"""The link in a reminder, signed and good until the visit begins, and the answer it brings.

Its secret is made from our own key, the visit, the person and the time: nothing is stored of it,
and after a move it answers nothing any more.
"""

import base64
import binascii
import hmac

from sqlalchemy import exists, select, update

from core import audit, clock
from core.crypto import KeyMissing, sealer
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from visits.answers.models import VisitAnswer
from visits.answers.rules import Asked, Said, asked_in
from visits.models import Party, Visit
from visits.rules import AHEAD

PURPOSE = "visit answers"
MARK = 16


def token_of(asked: Asked) -> str:
    """Return the secret of the link: some 65 characters."""
    key_id, secret = sealer().derived(PURPOSE)
    return f"{asked.told}.{_mark(key_id, secret, asked.told)}"


def _mark(key_id: int, secret: bytes, told: str) -> str:
    digest = bytes([key_id]) + hmac.digest(secret, told.encode(), "sha256")[:MARK]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def asked_by(token: str) -> Asked:
    """Return what the link asks. Raises NotYours."""
    told, _dot, mark = token.rpartition(".")
    try:
        key_id = base64.urlsafe_b64decode(mark[:4])[0]
        expected = _mark(key_id, sealer().derived_by(key_id, PURPOSE), told)
        if not hmac.compare_digest(expected.encode(), mark.encode()):
            raise NotYours
        return asked_in(told)
    except (KeyMissing, ValueError, binascii.Error, IndexError) as error:
        raise NotYours from error


def answer(token: str, said: Said) -> None:
    """Keep what somebody says, the last word over an earlier one. Raises NotYours, RuleBroken."""
    asked, now = asked_by(token), clock.now()
    with transaction() as session:
        visit_id = session.scalar(
            select(Visit.id)
            .where(
                Visit.uid == asked.visit,
                Visit.state.in_(AHEAD),
                Visit.starts_at == asked.starts_at,
                Visit.starts_at > now,
                exists().where(Party.visit_id == Visit.id, Party.person_id == asked.person_id),
            )
            .with_for_update()
        )
        if visit_id is None:
            raise RuleBroken(_("这次走访已经改期、取消或者开始，请看最新的消息"))
        whose = {"visit_id": visit_id, "person_id": asked.person_id}
        values = {"said": said, "starts_at": asked.starts_at, "answered_at": now}
        if insert_once(VisitAnswer, **whose, **values) is None:
            session.execute(update(VisitAnswer).filter_by(**whose).values(**values))
        audit.record("visit_answered", "visit", asked.visit, by=asked.person_id, reason=said.value)
