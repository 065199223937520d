"""A mail as it travels, put together by hand: the library's own way takes longer than sending it.

RFC 5322 for the head, 2047 for a subject that is not ASCII, 2045 for the parts, 8058 for leaving,
6047 for what calendars read.
"""

import base64
import re
from collections.abc import Callable, Iterator
from email.utils import format_datetime

from core import clock
from messages.channels.rules import Outgoing

Leave = Callable[[Outgoing], str]
"""The address of the page behind which a message's reader is asked no more; "" for none."""
LINE = 76
"""Letters in a line of base64."""
WORD = 39
"""Bytes in a word of a subject: as many as a line takes, the name of the header beside them."""
MAILBOX = re.compile(r"[!-~]+")
"""What is no address of a mail at all is for the server to say; servers take ASCII, most of them
nothing else, and nothing here may end a line."""
PLAIN = re.compile(r"[ -~]{1,60}")


def nowhere(_outgoing: Outgoing) -> str:
    return ""


def bytes_of(outgoing: Outgoing, sender: str, leave: str = "") -> bytes:
    """Return the mail as it travels; its Message-ID is the same however often it is tried.

    With an address to leave by, mail programs show a button for it (RFC 8058). Raises ValueError
    when its address is none for a mail.
    """
    if not MAILBOX.fullmatch(outgoing.address):
        raise ValueError("address")
    head = [
        f"Subject: {_subject(outgoing.text.subject)}",
        f"From: {sender}",
        f"To: {outgoing.address}",
        f"Date: {format_datetime(clock.now())}",
        f"Message-ID: <{outgoing.key}@{sender.rpartition('@')[2]}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ]
    if leave:
        head.append(f"List-Unsubscribe: <{leave}>")
        head.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    words = _part('text/plain; charset="utf-8"', outgoing.text.body.encode())
    return "\r\n".join([*head, *_with_invitation(words, outgoing)]).encode("ascii")


def _with_invitation(words: list[str], outgoing: Outgoing) -> list[str]:
    """Return the words alone, or beside them what a calendar reads."""
    found = outgoing.invitation
    if found is None:
        return words
    kind = f'text/calendar; charset="utf-8"; method={found.method}'
    edge = f"--={outgoing.key}="  # no line of base64 begins with a dash
    return [
        f'Content-Type: multipart/alternative; boundary="{edge[2:]}"', "",
        edge, *words, edge, *_part(kind, found.content), f"{edge}--", "",
    ]  # fmt: skip


def _part(kind: str, content: bytes) -> list[str]:
    """Return the lines of a part, the last one empty."""
    text = base64.b64encode(content).decode()
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", "", *lines, ""]


def _subject(text: str) -> str:
    """Return a subject, in encoded words (RFC 2047) unless a short line of ASCII says it."""
    if PLAIN.fullmatch(text) and "=?" not in text:
        return text
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in _words(text))


def _words(text: str) -> Iterator[bytes]:
    """Cut a text where no letter is cut."""
    word = b""
    for letter in text:
        drawn = letter.encode()
        if word and len(word) + len(drawn) > WORD:
            yield word
            word = b""
        word += drawn
    yield word
