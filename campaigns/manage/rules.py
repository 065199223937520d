"""Who moves a campaign from stage to stage, and what a review looks at (domain.md §5.5)."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.rules import Role
from campaigns.rules import NEXT, Stage

WORKING = (Role.EDITOR, Role.SAFEGUARDING_LEAD, Role.PUBLISHER)
LIVE = frozenset({Stage.RECRUITING, Stage.RUNNING})


class Verb(StrEnum):
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    SEND_BACK = "send-back"
    PUBLISH = "publish"
    START = "start"
    WRAP_UP = "wrap-up"
    REPORT = "report"
    ARCHIVE = "archive"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a campaign: whose it is, and where it leads from where."""

    role: Role
    sources: frozenset[Stage]
    target: Stage
    with_reason: bool = False


def _into(role: Role, target: Stage, *sources: Stage, with_reason: bool = False) -> Move:
    """Return the move to a stage from some stages, or from all that lead to it."""
    leading = frozenset(stage for stage in Stage if target in NEXT[stage])
    return Move(role, leading & frozenset(sources or Stage), target, with_reason)


MOVES = {
    Verb.SUBMIT: _into(Role.EDITOR, Stage.SAFEGUARDING_REVIEW),
    Verb.WITHDRAW: _into(Role.EDITOR, Stage.DRAFT),
    Verb.APPROVE: _into(Role.SAFEGUARDING_LEAD, Stage.APPROVED),
    Verb.SEND_BACK: _into(
        Role.SAFEGUARDING_LEAD, Stage.DRAFT, Stage.SAFEGUARDING_REVIEW, with_reason=True
    ),
    Verb.PUBLISH: _into(Role.PUBLISHER, Stage.RECRUITING, Stage.APPROVED),
    Verb.START: _into(Role.PUBLISHER, Stage.RUNNING, Stage.RECRUITING),
    Verb.WRAP_UP: _into(Role.PUBLISHER, Stage.WRAP_UP),
    Verb.REPORT: _into(Role.PUBLISHER, Stage.PUBLISHED_REPORT),
    Verb.ARCHIVE: _into(Role.PUBLISHER, Stage.ARCHIVED),
    Verb.SUSPEND: _into(Role.PUBLISHER, Stage.SUSPENDED, with_reason=True),
    Verb.RESUME: _into(Role.PUBLISHER, Stage.RECRUITING, Stage.SUSPENDED),
    Verb.CANCEL: _into(Role.PUBLISHER, Stage.CANCELLED, with_reason=True),
}


class Check(StrEnum):
    """What a safeguarding lead has looked at before a campaign may be published."""

    BRAND = "brand"
    AIMS = "aims"
    RISKS = "risks"
    INSURANCE = "insurance"
    VENUE = "venue"
    RATIOS = "ratios"
    PHOTOS = "photos"
    BUDGET = "budget"
    CONTACT = "contact"


def verbs_for(role: Role, stage: Stage) -> list[Verb]:
    """Return what somebody in that role may do with a campaign in that stage."""
    return [verb for verb, move in MOVES.items() if move.role is role and stage in move.sources]
