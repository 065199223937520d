"""How a pass works: its pace, and what is ready to leave. No clock, no database."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from messages.channels.rules import Invitation, Outgoing, Sent, Text
from messages.rules import OVERDUE, Channel, Weight, concerns_safety

Render = Callable[[str, str, dict[str, Any]], Text]
"""Kind, language and params to the text; raises ValueError when the text cannot be made."""
Ways = Sequence[tuple[Channel, str]]
"""How somebody is reached, the way they like best first: a channel and the address there."""
Known = Mapping[tuple[int, bool], Ways]
"""The ways to each person, and whether they are for what concerns somebody's safety."""
SEVERAL, AGAIN = "_several", "_again"
"""Kinds made of others: several messages in one, and one that may have arrived already."""


class Route(Protocol):
    """Whoever tells by which ways people are reached, in their order."""

    def __call__(
        self, person_ids: Collection[int], /, *, safety: bool = False
    ) -> Mapping[int, Ways]: ...


def reaching(
    asked: Iterable[tuple[int | None, bool]], route: Route
) -> dict[tuple[int, bool], Ways]:
    """Return the ways to each person, for messages about somebody's safety and for the others."""
    people: dict[bool, set[int]] = {}
    for person_id, safety in asked:
        if person_id is not None:
            people.setdefault(safety, set()).add(person_id)
    return {
        (person_id, safety): ways
        for safety, wanted in people.items()
        for person_id, ways in route(wanted, safety=safety).items()
    }


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a pass takes on.

    `lease`: how long rows are lent to a process. `chunk`: rows declared at once, None for what
    each channel says of itself. `batch`: rows of a lane lent at once.
    """

    lease: timedelta = timedelta(seconds=60)
    chunk: int | None = None
    batch: int = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A row that this process may send, as it was when it was lent."""

    id: int
    uid: str
    dedup_key: str
    person_id: int | None
    kind: str
    language: str
    params: dict[str, Any]
    address: str | None
    weight: Weight
    given_up: int
    attempts: int
    next_at: datetime
    expire_at: datetime

    @property
    def repeats(self) -> bool:
        """Whether it says again what may have arrived by another way."""
        return self.dedup_key.endswith(AGAIN)

    @property
    def is_safety(self) -> bool:
        """Whether it concerns somebody's safety."""
        return concerns_safety(self.kind, self.weight)


@dataclass(frozen=True, slots=True)
class Group:
    """What leaves as one message: usually one row; after an outage all that wait for a person."""

    channel: Channel
    address: str
    rows: tuple[Due, ...]
    ways_left: int = 0
    """How many of the person's ways have not been tried yet."""

    @property
    def exempt(self) -> bool:
        """Whether no limit a person holds it back: what was tried before has been counted."""
        return self.rows[0].person_id is None or any(
            row.weight is not Weight.ORDINARY or row.attempts or row.given_up for row in self.rows
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """A group with its text, or with the reason why it has none."""

    group: Group
    outgoing: Outgoing | None
    error: str = ""


Results = list[tuple[Ready, Sent]]
Invitations = Mapping[int, Invitation]
"""What calendars read beside some of the messages, by their rows."""
Invite = Callable[[Sequence[Due]], Invitations]
"""Whoever knows which of the messages that are due bring an invitation."""


def nobody(_rows: Sequence[Due]) -> Invitations:
    """Return no invitations."""
    return {}


def grouped(
    rows: Iterable[Due], now: datetime, *, most: int, alone: Collection[int] = ()
) -> Iterator[tuple[Due, ...]]:
    """Put together what was held up for one person; all else goes alone, the oldest first.

    Safety goes before everything else, so that no limit is used up before its turn comes.
    """
    waiting: dict[tuple[Any, ...], list[Due]] = {}
    for row in sorted(rows, key=lambda row: (row.next_at, row.id)):
        late = (
            row.person_id is not None
            and now - row.next_at > OVERDUE
            and row.weight is not Weight.URGENT
            and not row.repeats
            and row.id not in alone
        )
        together = (row.person_id, row.language, row.given_up, row.is_safety)
        waiting.setdefault(together if late else (row.uid,), []).append(row)
    for held_up in sorted(waiting.values(), key=lambda held_up: not held_up[0].is_safety):
        for start in range(0, len(held_up), most):
            yield tuple(held_up[start : start + most])


def chunks(groups: Sequence[Group], size: int) -> Iterator[list[Group]]:
    """Cut groups into parts of at most so many rows; a group is not cut."""
    part: list[Group] = []
    for group in groups:
        if part and sum(len(one.rows) for one in part) + len(group.rows) > size:
            yield part
            part = []
        part.append(group)
    if part:
        yield part
