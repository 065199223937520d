"""The secret by which a person's own pages open what waits in their browser."""

import base64
import hmac

from core.crypto import sealer

PURPOSE = "record-queue"


def secret_of(person_id: int | None) -> str:
    """Return the secret of somebody's queue: the same on each of their pages, 256 bits.

    From the oldest key, so that a change of keys loses nothing that waits.
    """
    seals = sealer()
    key = seals.derived_by(min(seals.ring.keys), PURPOSE)
    made = hmac.digest(key, str(person_id).encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
