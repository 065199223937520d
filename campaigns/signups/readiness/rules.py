"""What somebody has to have done by when, so that the seat stays theirs."""

from datetime import date, timedelta

from volunteers.rules import Clearance, EvidenceKind, Status

WARNED = timedelta(days=7)
"""So long before the seat is given on, its owner is told what is still missing."""


def ready_by(starts_on: date, days: int) -> date:
    """Return the last day on which everything may still be missing."""
    return starts_on - timedelta(days=days)


def is_ready(
    status: Status, clearance: Clearance, *, with_children: bool, needed: frozenset[EvidenceKind]
) -> bool:
    """Whether somebody may come: with children only who is cleared and in service."""
    if with_children:
        return status is Status.ACTIVE
    lacking = {*clearance.missing, *clearance.expired, *clearance.hits}
    return not needed & lacking
