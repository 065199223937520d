"""What a certificate says and what may become of it. No clock, no database (domain.md §2.3, §5.7).

A certificate is a snapshot: it says what was served from one day to another when it was issued,
and stays true when more is served later.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

FORMAT = "tongxing-certificate-1"
LONGEST_DAYS = 20 * 366
BLOCKS = frozenset({"person", "service", "issuer", "certificate"})


class State(StrEnum):
    REQUESTED = "requested"
    ISSUED = "issued"
    SUPERSEDED = "superseded"
    """Another one has been issued in its place."""
    VOIDED = "voided"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Tab(StrEnum):
    """What a coordinator's list shows."""

    REQUESTED = "requested"
    ISSUED = "issued"
    ENDED = "ended"


LISTED = {
    Tab.REQUESTED: (State.REQUESTED,),
    Tab.ISSUED: (State.ISSUED,),
    Tab.ENDED: (State.SUPERSEDED, State.VOIDED, State.DECLINED, State.WITHDRAWN),
}
PUBLIC = (State.ISSUED, State.SUPERSEDED, State.VOIDED)
"""What was handed out at some time: a stranger who asks is told what has become of it."""


class Fault(StrEnum):
    """What is wrong with a period that is asked for."""

    BACKWARDS = "backwards"
    FUTURE = "future"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    first: date
    last: date

    def fault(self, today: date) -> Fault | None:
        if self.first > self.last:
            return Fault.BACKWARDS
        if self.last > today:
            return Fault.FUTURE
        return Fault.LONG if (self.last - self.first).days > LONGEST_DAYS else None


@dataclass(frozen=True, slots=True)
class Served:
    """What somebody served in a period: minutes, and how often of which kind."""

    minutes: int
    kinds: tuple[tuple[str, int, int], ...]
    """Kind, times and minutes, in the order of the kinds' names."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What stands in the block of the certificate itself."""

    number: str
    on: date
    key: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a certificate says; the identity number is never known to the site."""

    name: str
    volunteer_no: str
    organisation: str
    period: Period
    served: Served
    issuer: str
    handler: str
    contact: str
    issue: Issue

    def blocks(self) -> dict[str, Any]:
        """Return the four blocks as they are signed."""
        return {
            "person": {"name": self.name, "volunteer_no": self.volunteer_no},
            "service": {
                "organisation": self.organisation,
                "from": self.period.first.isoformat(),
                "until": self.period.last.isoformat(),
                "minutes": self.served.minutes,
                "kinds": [
                    {"kind": kind, "times": times, "minutes": minutes}
                    for kind, times, minutes in self.served.kinds
                ],
            },
            "issuer": {"name": self.issuer, "handler": self.handler, "contact": self.contact},
            "certificate": {
                "number": self.issue.number,
                "issued_on": self.issue.on.isoformat(),
                "key": self.issue.key,
                "replaces": self.issue.replaces,
            },
        }


def snapshot(blocks: Mapping[str, Any]) -> Snapshot:
    """Return what four blocks say. Raises ValueError for blocks of another shape."""
    try:
        person, service, issuer, issue = (
            blocks["person"], blocks["service"], blocks["issuer"], blocks["certificate"],
        )  # fmt: skip
        found = Snapshot(
            person["name"],
            person["volunteer_no"],
            service["organisation"],
            Period(date.fromisoformat(service["from"]), date.fromisoformat(service["until"])),
            Served(
                service["minutes"],
                tuple((one["kind"], one["times"], one["minutes"]) for one in service["kinds"]),
            ),
            issuer["name"],
            issuer["handler"],
            issuer["contact"],
            Issue(issue["number"], date.fromisoformat(issue["issued_on"]), issue["key"],
                  issue["replaces"]),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not the blocks of a certificate") from error
    if found.blocks() != dict(blocks):
        raise ValueError("not the blocks of a certificate")
    return found


def masked(name: str) -> str:
    """Return a name as strangers may see it: its first sign, a star for each other."""
    return name[:1] + "*" * min(len(name) - 1, 6) if name else ""


def is_named(name: str, typed: str) -> bool:
    """Whether what was typed is the name itself: wide signs, capitals and spaces do not matter."""
    return bool(_plain(typed)) and _plain(name) == _plain(typed)


def _plain(name: str) -> str:
    wide = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in wide if not sign.isspace() and sign not in "·.")
