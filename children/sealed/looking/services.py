"""Showing a file together with its sealed part: one look, one row, with what was seen masked."""

from accounts.rules import Actor
from children import services
from children.models import Child
from children.sealed.queries import Part, part_of
from core.db import transaction


def look(uid: str, *, by: Actor) -> tuple[Child, Part]:
    """Return a file to be shown and what its page tells of the sealed part. Raises NotYours."""
    with transaction():
        part = part_of(uid, by)
        child = services.look(uid, by=by, fields=[field.value for field in part.masks])
    return child, part
