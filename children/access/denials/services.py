"""Keeping that somebody asked for what is not theirs (or not there): the same row for both."""

from core import audit
from core.db import transaction


def denied(kind: str, ref: str | None, *, route: str, by: int | None) -> None:
    """Keep one denial; `ref` is None when there is no such record at all."""
    with transaction():
        audit.record("denied", kind, ref or "?", by=by, reason=route)
