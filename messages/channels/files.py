"""Mails as files, for whoever has no mail server yet."""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core import clock
from messages.channels.mails import Leave, bytes_of, nowhere
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.rules import Channel, Outcome

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
