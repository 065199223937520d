"""Taking a person's name and contacts out of an account that deeds still point to."""

from sqlalchemy import delete, update

from accounts.drafts.models import FormDraft
from accounts.forgetting.rules import NOWHERE
from accounts.models import Passkey, Person, RecoveryCode, RoleGrant, SignInLink, SignInSession
from accounts.rules import Actor
from accounts.saved.models import SavedFilter
from accounts.unsent.models import UnsentForm
from core import clock
from core.db import transaction

OWN = (SignInLink, SignInSession, Passkey, RecoveryCode)


def forget(person_id: int, *, by: Actor) -> None:
    """Empty an account for good and shut it, in the caller's transaction."""
    now = clock.now()
    with transaction() as session:
        session.execute(
            update(Person)
            .where(Person.id == person_id)
            .values(
                name=f"×{person_id}",
                phone=None,
                email=f"{person_id}{NOWHERE}",
                password_hash=None,
                totp=None,
                disabled_at=now,
            )
        )
        for kept in (*OWN, UnsentForm, FormDraft, SavedFilter):
            session.execute(delete(kept).where(kept.person_id == person_id))
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))
            .values(ended_at=now, ended_by_id=by.id)
        )
