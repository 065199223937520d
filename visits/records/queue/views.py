"""What a phone needs to keep records without a network, and to send them later.

The phone keeps them sealed with a key of its own and a secret that only the person's own pages
carry: whoever signs in after them can neither read nor send them (static/records.js).
"""

import base64
import hmac

from flask import Blueprint

from accounts.web import someone
from core.crypto import sealer

bp = Blueprint("record_queue", __name__)

PURPOSE = "record-queue"


def _owner(person_id: int | None) -> str:
    """Return the secret of somebody's queue: the same on each of their pages."""
    _key_id, key = sealer().derived(PURPOSE)
    made = hmac.digest(key, str(person_id).encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


@bp.app_context_processor
def _on_the_page() -> dict[str, object]:
    me = someone()
    return {"record_queue": _owner(me.id) if me else ""}
