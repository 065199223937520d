"""When somebody is told that their clearance ends."""

from datetime import date

STAGES = (30, 7, 0)
"""So many days before the last day that everything holds (the last word on that day itself)."""


def stage(last: date, today: date) -> int | None:
    """Return which word is due: the nearest that has come; None while the end is far off."""
    left = (last - today).days
    return min((one for one in STAGES if one >= left >= 0), default=None)
