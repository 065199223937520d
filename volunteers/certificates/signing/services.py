"""The key that signs now: made when it is first needed, changed when somebody asks."""

from sqlalchemy import select, update

from core import audit, clock, ids, signatures
from core.crypto import sealer
from core.db import insert_once, transaction
from volunteers.certificates.signing.models import SigningKey

PLACE = "signing_keys.private/"


def current() -> SigningKey:
    """Return the key that signs, in the caller's transaction; a new one if there is none."""
    with transaction() as session:
        asked = select(SigningKey).where(SigningKey.signs.is_not(None))
        found = session.scalar(asked)
        if found is None:
            _make()
            found = session.scalars(asked).one()
        return found


def change() -> SigningKey:
    """Retire the key that signs and make another; what it has signed stays provable."""
    with transaction() as session:
        session.execute(
            update(SigningKey)
            .where(SigningKey.signs.is_not(None))
            .values(signs=None, retired_at=clock.now())
        )
        return current()


def sign(key: SigningKey, blocks: object) -> str:
    """Return the signature of a certificate's blocks. Raises Unreadable without the site's key."""
    return signatures.signed(sealer().open(key.private, PLACE + key.uid), blocks)


def _make() -> None:
    uid = ids.uid()
    private, public = signatures.new_key()
    made = insert_once(
        SigningKey,
        uid=uid,
        public=public,
        private=sealer().seal(private, PLACE + uid),
        signs=True,
        made_at=clock.now(),
    )
    if made is not None:
        audit.record("signing_key_made", "signing_key", uid, by=None)
