"""What is left of a sign-up once somebody is forgotten: that a seat was taken."""

from sqlalchemy import String, cast, literal, update

from campaigns.signups.models import SignUp
from core.db import transaction

NOWHERE = "@deleted.invalid"


def forget(person_id: int) -> None:
    """Empty somebody's sign-ups, in the caller's transaction; each keeps a contact of its own."""
    nobody = cast(SignUp.id, String).concat(literal(NOWHERE))
    with transaction() as session:
        session.execute(
            update(SignUp)
            .where(SignUp.person_id == person_id)
            .values(
                name="×", phone=None, email=nobody, contact=nobody, org_text="", promise_hash=None
            )
        )
