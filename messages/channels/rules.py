"""What a way out of the site is, can do and answers (reminders.md §6). No clock, no database."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from messages.rules import Channel, Outcome


class Crash(StrEnum):
    """What can be known of a message when its sender died between sending and writing it down."""

    EXACT = "exact"
    """It and its mark are one transaction: there is nothing to know."""
    LOOKUP = "lookup"
    """The provider can be asked for it by our own key."""
    WINDOW = "window"
    """The same message again is shown once, if it comes again soon."""
    NONE = "none"
    """Nobody can tell: a person looks after it."""


class Found(StrEnum):
    """What a provider says when it is asked for a message."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a way out can do.

    `chunk`: rows declared at once, so as many can be unknown after a kill. `one_by_one`: it carries
    one message's subject or variables and not a text of ours, so several never leave as one.
    `connections`: messages it carries at the same moment, each from a thread of its own; half of
    the chunk is then declared while the other half is under way.
    """

    crash: Crash
    chunk: int = 8
    one_by_one: bool = False
    has_receipts: bool = False
    connections: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """What a message says in its reader's language."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a calendar reads beside the words (RFC 5546); `method` stands in its content too."""

    method: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way out: `key` is the same however often it is tried.

    `kind` and `values` fill a provider's template where it needs one: the time, the visit's
    number and the link, never more.
    """

    key: str
    address: str
    text: Text
    kind: str = ""
    values: tuple[tuple[str, str], ...] = ()
    invitation: Invitation | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one try. UNKNOWN: the request had left and no answer came.

    `nobody_there`: it was refused because of the address, not because of the message or of us.
    """

    outcome: Outcome
    code: str = ""
    provider_id: str = ""
    nobody_there: bool = False


class Carrier(Protocol):
    """A way out of the site."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand the message over, within a third of the lease."""
        ...


class Way(Carrier, Protocol):
    """A channel: where it leads, what it can do, and how to ask for what was sent."""

    @property
    def channel(self) -> Channel:
        """Name the channel."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Tell what it can do."""
        ...

    def lookup(self, key: str, address: str, day: date) -> Found:
        """Ask the provider whether the message with our key went out to the address that day."""
        ...
