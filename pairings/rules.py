"""The life of a pairing (domain.md §5.3). Nothing here reads a clock or a database."""

from datetime import date, timedelta
from enum import StrEnum

from accounts.rules import Actor, Role
from places.rules import Level, Reach


class Stage(StrEnum):
    PROPOSED = "proposed"
    UNDER_REVIEW = "under_review"
    """The county has said yes to a pairing at high risk; the city's own key is still missing."""
    APPROVED = "approved"
    """All keys are turned; nobody has answered for the child yet."""
    CONSENT_PENDING = "consent_pending"
    """Guardian and child are being asked about this pairing, and then the agreement is signed."""
    SCHEDULED_INTRO = "scheduled_intro"
    ACTIVE = "active"
    PAUSED = "paused"
    RENEWING = "renewing"
    ENDING = "ending"
    ENDED = "ended"
    REVIEWED = "reviewed"
    DECLINED = "declined"
    TERMINATED_SAFEGUARDING = "terminated_safeguarding"


_OUT = {Stage.ENDED, Stage.TERMINATED_SAFEGUARDING}
EDGES: dict[Stage, frozenset[Stage]] = {
    stage: frozenset(to)
    for stage, to in {
        Stage.PROPOSED: {Stage.UNDER_REVIEW, Stage.APPROVED, Stage.DECLINED, Stage.ENDED},
        Stage.UNDER_REVIEW: {Stage.APPROVED, Stage.DECLINED, Stage.ENDED},
        Stage.APPROVED: {Stage.CONSENT_PENDING, Stage.DECLINED, *_OUT},
        Stage.CONSENT_PENDING: {Stage.SCHEDULED_INTRO, Stage.DECLINED, *_OUT},
        Stage.SCHEDULED_INTRO: {Stage.CONSENT_PENDING, Stage.ACTIVE, Stage.DECLINED, *_OUT},
        Stage.ACTIVE: {Stage.PAUSED, Stage.RENEWING, Stage.ENDING, *_OUT},
        Stage.PAUSED: {Stage.ACTIVE, Stage.ENDING, *_OUT},
        Stage.RENEWING: {Stage.ACTIVE, Stage.ENDING, *_OUT},
        Stage.ENDING: {Stage.ACTIVE, *_OUT},
        Stage.ENDED: {Stage.REVIEWED},
        Stage.REVIEWED: set[Stage](),
        Stage.DECLINED: {Stage.PROPOSED, Stage.UNDER_REVIEW},
        Stage.TERMINATED_SAFEGUARDING: set[Stage](),
    }.items()
}
"""Every way a pairing can go; who may send it there, and under which guards, services say."""

DECIDING = frozenset({Stage.PROPOSED, Stage.UNDER_REVIEW})
ASKING = frozenset({Stage.APPROVED, Stage.CONSENT_PENDING})
BEGUN = frozenset({Stage.ACTIVE, Stage.PAUSED, Stage.RENEWING, Stage.ENDING})
AGREED = BEGUN | {Stage.SCHEDULED_INTRO}
"""Both have said yes and everybody has signed."""
LIVE = DECIDING | ASKING | AGREED
VISITABLE = AGREED - {Stage.PAUSED}
OVER = frozenset({Stage.ENDED, Stage.REVIEWED, Stage.TERMINATED_SAFEGUARDING})


class EndReason(StrEnum):
    TERM_OVER = "term_over"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    TEAM_LEFT = "team_left"
    CHILD_MOVED = "child_moved"
    CHILD_SAYS_NO = "child_says_no"
    GUARDIAN_SAYS_NO = "guardian_says_no"
    SAFEGUARDING = "safeguarding"
    OTHER = "other"


FOLLOWING = frozenset({EndReason.CONSENT_WITHDRAWN, EndReason.GUARDIAN_SAYS_NO})
CHOSEN = tuple(reason for reason in EndReason if reason not in FOLLOWING)
"""Reasons somebody picks; a withdrawn consent, or a no, ends a pairing by itself."""
AT_ONCE = FOLLOWING | {EndReason.CHILD_SAYS_NO, EndReason.SAFEGUARDING}
"""Ends that wait for no goodbye and no handover: a no ends it without reasons (§3.11)."""
PARTED_BADLY = frozenset(
    {EndReason.CHILD_SAYS_NO, EndReason.GUARDIAN_SAYS_NO, EndReason.SAFEGUARDING}
)


class DeclineReason(StrEnum):
    """Why a pairing does not come about."""

    TIMES = "times"
    TOO_FAR = "too_far"
    NEEDS = "needs"
    RELATED = "related"
    SAFETY = "safety"
    CIRCUMSTANCES = "circumstances"
    BETTER_TEAM = "better_team"
    OTHER = "other"
    GUARDIAN_SAYS_NO = "guardian_says_no"
    CHILD_SAYS_NO = "child_says_no"


ANSWERED_NO = frozenset({DeclineReason.GUARDIAN_SAYS_NO, DeclineReason.CHILD_SAYS_NO})
DECLINE_CHOSEN = tuple(reason for reason in DeclineReason if reason not in ANSWERED_NO)
"""What whoever decides picks; the others follow from an answer."""
AGAINST_ONE = ANSWERED_NO | {DeclineReason.RELATED, DeclineReason.SAFETY}
"""A no that may be about one of the two people: a team with either of them is not offered."""
SHORTEST = timedelta(days=30)


def stage_after(reason: EndReason) -> Stage:
    if reason is EndReason.SAFEGUARDING:
        return Stage.TERMINATED_SAFEGUARDING
    return Stage.ENDED


def may_go(since: Stage, to: Stage) -> bool:
    return to in EDGES[since]


def stage_with_keys(*, high_risk: bool, city: bool) -> Stage:
    """Return where a proposal stands once the county's key is turned."""
    return Stage.UNDER_REVIEW if high_risk and not city else Stage.APPROVED


def county_keys(actor: Actor) -> tuple[Reach, ...]:
    """Return where somebody may turn the county's key."""
    leads = (one for one in actor.reaches(Role.SAFEGUARDING_LEAD) if one.level is Level.COUNTY)
    return (*actor.reaches(Role.COORDINATOR), *leads)


def city_keys(actor: Actor) -> tuple[Reach, ...]:
    """Return where somebody may turn the city's key: a safeguarding lead of the city or above."""
    leads = actor.reaches(Role.SAFEGUARDING_LEAD)
    return tuple(one for one in leads if one.level in {Level.CITY, Level.PROVINCE})


def school_year_end(day: date, month: int, of_month: int) -> date:
    """Return the next last day of a school year that is not too near to be worth beginning."""
    end = date(day.year, month, of_month)
    return end if end - day >= SHORTEST else date(day.year + 1, month, of_month)
