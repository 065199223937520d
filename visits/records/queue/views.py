"""What a phone needs to keep records without a network, and to send them later.

The phone keeps them sealed with a key of its own and a secret that only the person's own pages
carry: whoever signs in after them can neither read nor send them (static/records.js).
"""

from flask import Blueprint

from accounts.web import someone
from visits.records.queue.queries import secret_of

bp = Blueprint("record_queue", __name__)


@bp.app_context_processor
def _on_the_page() -> dict[str, object]:
    me = someone()
    return {"record_queue": secret_of(me.id) if me else ""}
