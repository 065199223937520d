"""What may be wrong, and how far somebody has looked into it. Nothing here reads a clock."""

from enum import StrEnum


class AlertKind(StrEnum):
    TOO_MANY_REVEALS = "too_many_reveals"
    DECOY_OPENED = "decoy_opened"
    SIGN_IN_FLOOD = "sign_in_flood"
    AUDIT_BROKEN = "audit_broken"
    EXPORT_FLOOD = "export_flood"
    CONCERN = "concern"
    CHILD_NOT_WELL = "child_not_well"


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    FALSE_ALARM = "false_alarm"


WAITING = frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED})
"""States in which somebody still has to do something."""
