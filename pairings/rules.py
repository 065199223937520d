"""The life of a pairing (domain.md §5.3). Nothing here reads a clock or a database."""

from datetime import date, timedelta
from enum import StrEnum


class Stage(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDING = "ending"
    ENDED = "ended"
    DECLINED = "declined"
    TERMINATED_SAFEGUARDING = "terminated_safeguarding"


LIVE = frozenset({Stage.PROPOSED, Stage.APPROVED, Stage.ACTIVE, Stage.PAUSED, Stage.ENDING})
ACCOMPANIED = LIVE - {Stage.PROPOSED}
"""What the team may know of: a proposal tells nobody about a child."""
VISITABLE = frozenset({Stage.APPROVED, Stage.ACTIVE, Stage.ENDING})


class EndReason(StrEnum):
    TERM_OVER = "term_over"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    TEAM_LEFT = "team_left"
    CHILD_MOVED = "child_moved"
    CHILD_SAYS_NO = "child_says_no"
    SAFEGUARDING = "safeguarding"
    OTHER = "other"


CHOSEN = tuple(reason for reason in EndReason if reason is not EndReason.CONSENT_WITHDRAWN)
"""Reasons somebody picks; a withdrawn consent ends a pairing by itself."""
PARTED_BADLY = frozenset({EndReason.CHILD_SAYS_NO, EndReason.SAFEGUARDING})
SHORTEST = timedelta(days=30)


def stage_after(reason: EndReason) -> Stage:
    if reason is EndReason.SAFEGUARDING:
        return Stage.TERMINATED_SAFEGUARDING
    return Stage.ENDED


def school_year_end(day: date, month: int, of_month: int) -> date:
    """Return the next last day of a school year that is not too near to be worth beginning."""
    end = date(day.year, month, of_month)
    return end if end - day >= SHORTEST else date(day.year + 1, month, of_month)
