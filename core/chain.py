"""Marks that show whether a row of the audit was changed: HMAC-SHA256, cut to 128 bits, in hex.

A mark is made of the mark before it and of every field as the database keeps it, so that it can
be checked from the bare columns, without building objects. Nothing here reads a database.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

START = ""
"""What stands before the first row."""


class Raw(NamedTuple):
    """A row as the database keeps it: `at` in UTC to the microsecond, `fields` as JSON."""

    id: int
    at: str
    actor_id: int | None
    action: str
    kind: str
    ref: str
    fields: str
    reason: str


def moment(at: datetime) -> str:
    """Return a moment as the database keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def names(fields: Sequence[str]) -> str:
    """Return names of fields as the database keeps them."""
    return json.dumps(list(fields))


def mark(key: bytes, before: str, row: Sequence[Any]) -> str:
    """Return the mark of a row (the fields of Raw, in that order) after the mark before it.

    Every length is written down first: no two rows make the same bytes. Raises TypeError for a
    row that holds something other than texts where texts belong.
    """
    row_id, at, actor_id, action, kind, ref, fields, reason = row
    texts = "".join((at, action, kind, ref, fields, reason))  # noqa: FLY002 - refuses what is no text
    lengths = f"{len(at)} {len(action)} {len(kind)} {len(ref)} {len(fields)} {len(reason)}"
    written = f"{before}\n{row_id} {actor_id!r} {lengths}\n{texts}"
    return hmac.digest(key, written.encode(), "sha256")[:16].hex()


def seal(
    key: bytes, before: str, covers: Sequence[object], marks: Iterable[tuple[int, str]]
) -> str:
    """Return the mark of a batch: after the batch before it, over what it covers and its rows."""
    digest = hashlib.sha256()
    for row_id, one in marks:
        digest.update(f"{row_id}:{one}\n".encode())
    written = json.dumps([before, *covers, digest.hexdigest()])
    return hmac.digest(key, b"batch\n" + written.encode(), "sha256")[:16].hex()
