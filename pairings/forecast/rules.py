"""Which pairings end soon and why. Nothing here reads a clock or a database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.rules import publishable_total
from pairings.rules import Stage

SPANS = (30, 90, 180)
"""Days ahead that somebody looks."""
MARKS = (60, 30)
"""Days before an end on which people are told of it, the longest first."""


class Why(StrEnum):
    """What ends first: what was agreed, a member's studies, or a member's checks."""

    AGREEMENT = "agreement"
    STUDIES = "studies"
    CLEARANCE = "clearance"


class Next(StrEnum):
    """The one thing to do now."""

    GOODBYE = "goodbye"
    HANDOVER = "handover"
    RENEWING = "renewing"
    RENEW = "renew"
    GO_ON = "go_on"
    MEMBER = "member"
    CHECKS = "checks"


@dataclass(frozen=True, slots=True)
class Month:
    """How many pairings end in a month, for each reason; None is not told."""

    first: date
    by_reason: dict[Why, int | None]
    total: int | None


def next_of(stage: Stage, why: Why, *, parted: bool) -> Next:
    """Return what has to be done for a pairing that will end for that reason."""
    if stage is Stage.ENDING:
        return Next.HANDOVER if parted else Next.GOODBYE
    if why is Why.STUDIES:
        return Next.MEMBER
    if why is Why.CLEARANCE:
        return Next.CHECKS
    return {Stage.RENEWING: Next.RENEWING, Stage.PAUSED: Next.GO_ON}.get(stage, Next.RENEW)


def months(
    rows: Iterable[tuple[date, Why, int]], first: date, last: date, *, outside: bool
) -> list[Month]:
    """Return the months from one day to another, from rows of (ends on, why, how many).

    What has run over already stands in the first month: it is what has to be done now. From
    outside a county only totals are told, as public numbers are (domain.md §3).
    """
    starts = _starts(first, last)
    found = {start: dict.fromkeys(Why, 0) for start in starts}
    for on, why, many in rows:
        found[max(on, first).replace(day=1)][why] += many
    return [_month(start, found[start], outside=outside) for start in starts]


def _month(start: date, counts: dict[Why, int], *, outside: bool) -> Month:
    total = sum(counts.values())
    if outside:
        return Month(start, dict.fromkeys(Why), publishable_total(total).shown)
    return Month(start, dict(counts), total)


def _starts(first: date, last: date) -> list[date]:
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(one // 12, one % 12 + 1, 1) for one in numbers]
