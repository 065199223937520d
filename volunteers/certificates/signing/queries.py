"""The public halves of the keys: what anybody needs to check a certificate without the site."""

from collections.abc import Mapping

from sqlalchemy import select

from core import signatures
from core.db import db
from volunteers.certificates.rules import FORMAT, Snapshot, snapshot
from volunteers.certificates.signing.models import SigningKey

PARTS = {"format", "blocks", "signature"}


class Forged(Exception):
    """A file that nobody here has signed, or that has been changed since."""


def public_keys() -> dict[str, str]:
    """Return every key that ever signed: its name and its public half, the oldest first."""
    rows = db.session.execute(select(SigningKey.uid, SigningKey.public).order_by(SigningKey.id))
    return {row.uid: row.public for row in rows}


def proved(text: bytes, keys: Mapping[str, str]) -> Snapshot:
    """Return what a certificate's file says if one of these keys has signed it.

    Asks neither the database nor the network. Raises Forged for a file that is none of ours, was
    cut or changed, or was signed by somebody else.
    """
    try:
        given = signatures.read(text)
        if not isinstance(given, dict) or set(given) != PARTS or given["format"] != FORMAT:
            raise Forged
        found = snapshot(given["blocks"])
    except ValueError as error:
        raise Forged from error
    public = keys.get(found.issue.key) if isinstance(found.issue.key, str) else None
    signature = given["signature"]
    if public is None or not isinstance(signature, str):
        raise Forged
    if not signatures.fits(public, given["blocks"], signature):
        raise Forged
    return found
