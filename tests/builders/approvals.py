"""Requests that take two people, for tests."""

from datetime import timedelta
from typing import Any

from accounts.approvals.models import Approval
from accounts.exports.models import Export
from accounts.exports.rules import ExportState, Format
from core import clock
from tests.factories import a_number, saved


def an_export(asked_by_id: int, **given: Any) -> Export:
    """Return an export of volunteers that waits for somebody else."""
    fields = {
        "kind": "volunteers",
        "filters": {},
        "format": Format.CSV,
        "reason": "年终总结",
        "rows": 60,
        "scope": "",
        "asked_by_id": asked_by_id,
        "state": ExportState.WAITING,
    }
    return saved(Export(**fields | given))


def an_approval(asked_by_id: int, area_id: int | None = None, **given: Any) -> Approval:
    """Return a request for a volunteers' roster of an area, unless a test says otherwise."""
    fields = {
        "kind": "export",
        "subject": f"volunteers/{a_number()}",
        "payload": {"kind": "volunteers", "filters": {}, "rows": 60, "format": "csv"},
        "area_id": area_id,
        "reason": "年终总结",
        "asked_by_id": asked_by_id,
        "expires_at": clock.now() + timedelta(days=7),
    }
    return saved(Approval(**fields | given))
