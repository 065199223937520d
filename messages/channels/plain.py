"""Ways for whoever develops or measures: a line on the console, and nowhere at all."""

import sys
from dataclasses import dataclass
from datetime import date

from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.rules import Channel, Outcome

TOLD = Capabilities(Crash.NONE)
MEASURED = Capabilities(Crash.NONE, chunk=10)


@dataclass(frozen=True, slots=True)
class Console:
    """One line a message: to whom and about what, never the text behind it."""

    channel: Channel = Channel.CONSOLE
    capabilities: Capabilities = TOLD

    def send(self, outgoing: Outgoing) -> Sent:
        try:
            sys.stdout.write(f"{outgoing.key} {outgoing.address} {outgoing.text.subject}\n")
            sys.stdout.flush()
        except (OSError, ValueError) as error:
            return Sent(Outcome.RETRY, type(error).__name__)
        return Sent(Outcome.ACCEPTED)

    def lookup(self, key: str, address: str, day: date) -> Found:
        del key, address, day
        return Found.CANNOT_TELL


@dataclass(frozen=True, slots=True)
class Null:
    """Takes everything and keeps nothing: what the ledger itself costs is measured with it."""

    channel: Channel = Channel.EMAIL
    capabilities: Capabilities = MEASURED

    def send(self, outgoing: Outgoing) -> Sent:
        del outgoing
        return Sent(Outcome.ACCEPTED)

    def lookup(self, key: str, address: str, day: date) -> Found:
        del key, address, day
        return Found.CANNOT_TELL
