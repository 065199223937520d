"""Keeping what is typed into a long form while it is typed, and forgetting it once it is sent."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from accounts.drafts.models import FormDraft
from core import clock
from core.crypto import sealer
from core.db import db, transaction
from core.errors import RuleBroken
from core.i18n import _

KEPT = timedelta(days=30)
LONGEST = 200_000
MOST = 20
"""So many drafts a person; the oldest makes room."""
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed, name by name in the form's order, and when it was saved."""

    pairs: Pairs
    saved_at: datetime


def save(person_id: int, path: str, pairs: Pairs) -> datetime:
    """Keep a form's fields in place of what was kept of it; return when. Raises RuleBroken."""
    told, now = json.dumps(pairs), clock.now()
    if len(told) > LONGEST:
        raise RuleBroken(_("内容太长，存不了草稿，请直接保存"))
    with transaction() as session:
        mine = FormDraft.person_id == person_id
        session.execute(delete(FormDraft).where(mine, FormDraft.path == path))
        newest = select(FormDraft.id).where(mine).order_by(FormDraft.saved_at.desc(), FormDraft.id)
        session.execute(delete(FormDraft).where(FormDraft.id.in_(newest.offset(MOST - 1))))
        sealed = sealer().seal(told, _place(person_id))
        session.add(FormDraft(person_id=person_id, path=path, fields=sealed, saved_at=now))
    return now


def draft_of(person_id: int, path: str) -> Draft | None:
    """Return what the person has typed there and not sent."""
    row = db.session.execute(
        select(FormDraft.fields, FormDraft.saved_at).where(
            FormDraft.person_id == person_id,
            FormDraft.path == path,
            FormDraft.saved_at > clock.now() - KEPT,
        )
    ).first()
    if row is None:
        return None
    opened = json.loads(sealer().open(row.fields, _place(person_id)))
    return Draft([(name, value) for name, value in opened], row.saved_at)


def drop(person_id: int, path: str) -> None:
    """Forget what was typed there."""
    with transaction() as session:
        session.execute(
            delete(FormDraft).where(FormDraft.person_id == person_id, FormDraft.path == path)
        )


def purge() -> int:
    """Forget what nobody came back for; return how many."""
    with transaction() as session:
        old = delete(FormDraft).where(FormDraft.saved_at <= clock.now() - KEPT)
        return len(session.scalars(old.returning(FormDraft.id)).all())


def _place(person_id: int) -> str:
    return f"form_drafts.fields/{person_id}"
