"""Mails as they travel, and as files for whoever has no mail server yet."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from core import clock
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.rules import Channel, Outcome

Leave = Callable[[Outgoing], str]
"""The address of the page behind which a message's reader is asked no more; "" for none."""


def nowhere(_outgoing: Outgoing) -> str:
    return ""


def mail_of(outgoing: Outgoing, sender: str, leave: str = "") -> EmailMessage:
    """Return the message as a mail. Its Message-ID is the same however often it is tried.

    With an address to leave by, mail programs show a button for it (RFC 8058).
    """
    mail = EmailMessage()
    mail["Subject"] = outgoing.text.subject
    mail["From"] = sender
    mail["To"] = outgoing.address
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{outgoing.key}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if leave:
        mail["List-Unsubscribe"] = f"<{leave}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(outgoing.text.body, cte="base64")
    return mail


def bytes_of(outgoing: Outgoing, sender: str, leave: str = "") -> bytes:
    """Return the mail as it travels. Raises ValueError when its address is none for a mail."""
    outgoing.address.encode("ascii")  # servers that take others say so, and few do
    return mail_of(outgoing, sender, leave).as_bytes(policy=SMTP)


CAN = Capabilities(Crash.WINDOW)
"""Written again, it is the same file."""


@dataclass(frozen=True, slots=True)
class Files:
    """One `.eml` file a message, for its owner only."""

    folder: Path
    sender: str
    leave: Leave = nowhere
    channel: Channel = Channel.EMAIL
    capabilities: Capabilities = CAN

    def send(self, outgoing: Outgoing) -> Sent:
        try:
            content = bytes_of(outgoing, self.sender, self.leave(outgoing))
        except ValueError:
            return Sent(Outcome.REJECTED, "address", nobody_there=True)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self.folder / f".{outgoing.key}"
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            fresh.replace(self.folder / f"{clock.now():%Y%m%d-%H%M%S}-{outgoing.key}.eml")
        except OSError as error:
            return Sent(Outcome.RETRY, type(error).__name__)
        return Sent(Outcome.ACCEPTED)

    def lookup(self, key: str, address: str, day: date) -> Found:
        del address, day
        found = any(self.folder.glob(f"*-{key}.eml"))
        return Found.SENT if found else Found.NOT_SENT
