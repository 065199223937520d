"""Nothing typed is lost when a session ends over a long form.

What was sent is kept sealed on the server for an hour, for the person whose session it was, and
offered again after signing in. Nothing is kept on the device.
"""

import json
from datetime import timedelta

from sqlalchemy import delete, select

from accounts.models import Person, SignInSession
from accounts.unsent.models import UnsentForm
from core import clock, ids
from core.crypto import sealer
from core.db import db, transaction

LASTS = timedelta(hours=1)
LONGEST = 200_000
Pairs = list[tuple[str, str]]


def keep(secret: str, path: str, pairs: Pairs) -> bool:
    """Keep a form for whoever held the session with that secret, if only time has ended it."""
    told = json.dumps(pairs)
    if len(told) > LONGEST or len(path) > 300:
        return False
    with transaction() as session:
        person_id = session.scalar(
            select(SignInSession.person_id)
            .join(Person, Person.id == SignInSession.person_id)
            .where(
                SignInSession.token_hash == ids.digest(secret),
                SignInSession.ended_at.is_(None),
                Person.disabled_at.is_(None),
            )
        )
        if person_id is None:
            return False
        session.execute(delete(UnsentForm).where(UnsentForm.person_id == person_id))
        sealed = sealer().seal(told, _place(person_id))
        session.add(UnsentForm(person_id=person_id, path=path, fields=sealed))
    return True


def kept_for(person_id: int | None) -> tuple[str, Pairs] | None:
    """Return where the person's form goes, and what was in it."""
    row = db.session.execute(
        select(UnsentForm.path, UnsentForm.fields).where(
            UnsentForm.person_id == person_id, UnsentForm.kept_at > clock.now() - LASTS
        )
    ).first()
    if row is None or person_id is None:
        return None
    opened = json.loads(sealer().open(row.fields, _place(person_id)))
    return row.path, [(name, value) for name, value in opened]


def drop(person_id: int | None) -> None:
    """Forget the person's form."""
    with transaction() as session:
        session.execute(delete(UnsentForm).where(UnsentForm.person_id == person_id))


def purge() -> int:
    """Forget what nobody came back for; return how many."""
    with transaction() as session:
        old = delete(UnsentForm).where(UnsentForm.kept_at <= clock.now() - LASTS)
        return len(session.scalars(old.returning(UnsentForm.id)).all())


def _place(person_id: int) -> str:
    return f"unsent_forms.fields/{person_id}"
