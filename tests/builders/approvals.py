"""Requests that take two people, for tests."""

from datetime import timedelta
from typing import Any

from accounts.approvals.models import Approval
from core import clock
from tests.factories import a_number, saved


def an_approval(asked_by_id: int, area_id: int | None = None, **given: Any) -> Approval:
    """Return a request for a volunteers' roster of an area, unless a test says otherwise."""
    fields = {
        "kind": "export",
        "subject": f"volunteers/{a_number()}",
        "payload": {"kind": "volunteers", "filters": {}},
        "area_id": area_id,
        "reason": "年终总结",
        "asked_by_id": asked_by_id,
        "expires_at": clock.now() + timedelta(days=7),
    }
    return saved(Approval(**fields | given))
