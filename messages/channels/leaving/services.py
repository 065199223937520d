"""The link by which a mail's reader gets no more mails (RFC 8058): signed, without signing in.

Its secret is made from our own key and the message, so that nothing more is stored.
"""

import base64
import binascii
import hmac

from sqlalchemy import select

from core.crypto import KeyMissing, sealer
from core.db import db, transaction
from core.errors import NotYours
from messages.channels.mails import Leave
from messages.channels.rules import Outgoing
from messages.contacts import services as contacts
from messages.models import Message
from messages.rules import SAFETY, Channel

PURPOSE = "leaving"
MARK = 16


def leave_by(site_url: str) -> Leave:
    """Return how a mail tells where its reader gets no more of its kind."""

    def leave(outgoing: Outgoing) -> str:
        if not outgoing.kind or outgoing.kind in SAFETY:
            return ""
        return f"{site_url}/messages/leave/{token_of(outgoing.key)}"

    return leave


def token_of(key: str) -> str:
    """Return the secret of the link for a message."""
    key_id, secret = sealer().derived(PURPOSE)
    return f"{key}{_mark(key_id, secret, key)}"


def _mark(key_id: int, secret: bytes, key: str) -> str:
    digest = bytes([key_id]) + hmac.digest(secret, key.encode(), "sha256")[:MARK]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def reader_of(token: str) -> int:
    """Return whom the link's message was for. Raises NotYours."""
    key, mark = token[:22], token[22:]
    try:
        key_id = base64.urlsafe_b64decode(mark[:4])[0]
        expected = _mark(key_id, sealer().derived_by(key_id, PURPOSE), key)
    except (KeyMissing, ValueError, binascii.Error, IndexError) as error:
        raise NotYours from error
    if not hmac.compare_digest(expected.encode(), mark.encode("utf-8", "surrogatepass")):
        raise NotYours
    person_id = db.session.scalar(select(Message.person_id).where(Message.uid == key))
    if person_id is None:
        raise NotYours
    return person_id


def leave(token: str) -> None:
    """Send the reader no more mails but those of SAFETY. Raises NotYours."""
    with transaction():
        contacts.opt_out(reader_of(token), Channel.EMAIL)
