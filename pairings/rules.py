"""The life of a pairing (domain.md §5.3). Nothing here reads a clock or a database."""

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
VISITABLE = frozenset({Stage.APPROVED, Stage.ACTIVE, Stage.ENDING})


class EndReason(StrEnum):
    TERM_OVER = "term_over"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    TEAM_LEFT = "team_left"
    CHILD_MOVED = "child_moved"
    CHILD_SAYS_NO = "child_says_no"
    SAFEGUARDING = "safeguarding"
    OTHER = "other"
