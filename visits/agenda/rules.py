"""Which lists of visits there are. Nothing here reads a clock or a database."""

from enum import StrEnum


class Tab(StrEnum):
    """The lists of visits; each next action leads to exactly one of them."""

    UPCOMING = "upcoming"
    RECORD = "record"
    APPROVE = "approve"
    PAST = "past"
    CONFIRM = "confirm"
    UNCONFIRMED = "unconfirmed"
    OVERDUE = "overdue"
    DAY = "day"


FOR_EVERYBODY = tuple(Tab)[:4]
"""The tabs that always show; the others only when a next action has led there."""
