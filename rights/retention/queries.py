"""Reading what is over its term: numbers for the DPO, files for the county."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import SignInSession
from accounts.rules import Actor, Role
from campaigns.rules import FORGET_DAYS
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from campaigns.wishes.models import WishClaim
from campaigns.wishes.queries import unneeded_donors
from children.consents.links.models import GuardianLink
from children.consents.models import Consent
from children.consents.rules import months_later
from children.models import Child
from children.queries import visible
from children.rules import CLOSED, ConsentState, NeedState, Purpose
from core import clock, once
from core.audit import AuditRow
from core.db import AnyRow, Base, db
from core.fences import everything
from core.paging import Page, page_of
from core.parameters import values_on
from core.zone import CHINA
from messages.forgetting.services import has_words
from messages.models import Message
from rights.assessments.models import Assessment
from rights.assessments.rules import State as AssessmentState
from rights.erasures.models import Erasure
from rights.erasures.queries import is_open
from rights.requests.models import RightsRequest
from rights.requests.rules import OPEN
from rights.requests.services import FORGOTTEN
from rights.retention.rules import Due, Kind

SESSION_DAYS = 30
"""How long accounts.services.purge_sessions keeps an ended session."""
MONTHS = {
    Kind.MESSAGES: "retention.message_months",
    Kind.LINKS: "retention.link_months",
    Kind.REQUESTS: "retention.request_months",
    Kind.ENDED_FILES: "retention.file_months",
    Kind.ASSESSMENTS: "retention.assessment_months",
    Kind.AUDIT: "retention.audit_months",
}
LEAST_MONTHS = {Kind.ASSESSMENTS: 36, Kind.AUDIT: 6}
"""What the law asks at the least (PIPL 56; cybersecurity law 21): a parameter cannot go below."""


def months_of(kind: Kind, values: dict[str, int]) -> int:
    return max(int(values[MONTHS[kind]]), LEAST_MONTHS.get(kind, 1))


def cutoff(kind: Kind, values: dict[str, int]) -> datetime:
    """Return the moment before which a kind is over its term."""
    day = months_later(clock.today(), -months_of(kind, values))
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def old_links(moment: datetime) -> ColumnElement[bool]:
    return GuardianLink.expires_at < moment


def old_requests(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that a closed request still holds words that nobody needs."""
    worded = or_(RightsRequest.said != "", RightsRequest.outcome != FORGOTTEN)
    return and_(RightsRequest.state.not_in(list(OPEN)), RightsRequest.closed_at < moment, worded)


def withdrawn(days: int) -> ColumnElement[bool]:
    """Return the condition that consent to pairing was taken back that many days ago or more."""
    newest, other = aliased(Consent), aliased(Consent)
    last = (
        select(func.max(other.number))
        .where(other.child_id == Child.id, other.purpose == Purpose.PAIRING)
        .correlate(Child)
        .scalar_subquery()
    )
    gone = (
        select(newest.id)
        .where(
            newest.child_id == Child.id,
            newest.purpose == Purpose.PAIRING,
            newest.number == last,
            newest.state == ConsentState.WITHDRAWN,
            newest.dated <= clock.today() - timedelta(days=days),
        )
        .correlate(Child)
    )
    return and_(Child.erased_on.is_(None), Child.state != NeedState.MATCHED, gone.exists())


def ended(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that a file has been closed and unchanged since before a moment."""
    touched = (
        select(AuditRow.id)
        .where(AuditRow.ref == Child.uid, AuditRow.action != "child_seen", AuditRow.at >= moment)
        .correlate(Child)
    )
    return and_(
        Child.erased_on.is_(None),
        Child.state.in_(list(CLOSED)),
        Child.reported_at < moment,
        ~touched.exists(),
    )


def status() -> list[Due]:
    """Return how much of each kind is over its term today."""
    values, now = values_on(clock.today()), clock.now()
    days = int(values["retention.withdrawn_days"])
    forget = int(values[FORGET_DAYS])
    at = {kind: cutoff(kind, values) for kind in MONTHS}
    unneeded = (
        SignUp.state.in_((SeatState.ABANDONED, SeatState.CANCELLED))
        & SignUp.person_id.is_(None)
        & (SignUp.expires_at <= now - timedelta(days=forget))
    )
    words = has_words() & (Message.created_at < at[Kind.MESSAGES])
    old_session = SignInSession.expires_at < now - timedelta(days=SESSION_DAYS)
    replaced = Assessment.state == AssessmentState.SUPERSEDED
    old_assessment = replaced & (Assessment.written_at < at[Kind.ASSESSMENTS])
    counted: dict[Kind, tuple[type[Base], ColumnElement[bool], int]] = {
        Kind.FORMS: (once.SubmittedForm, once.SubmittedForm.at < now - once.KEPT, once.KEPT.days),
        Kind.SESSIONS: (SignInSession, old_session, SESSION_DAYS),
        Kind.SIGN_UPS: (SignUp, unneeded, forget),
        Kind.DONORS: (WishClaim, unneeded_donors(now - timedelta(days=forget)), forget),
        Kind.MESSAGES: (Message, words, months_of(Kind.MESSAGES, values)),
        Kind.LINKS: (GuardianLink, old_links(at[Kind.LINKS]), months_of(Kind.LINKS, values)),
        Kind.REQUESTS: (
            RightsRequest,
            old_requests(at[Kind.REQUESTS]),
            months_of(Kind.REQUESTS, values),
        ),
        Kind.WITHDRAWN: (Child, withdrawn(days), days),
        Kind.ENDED_FILES: (
            Child,
            ended(at[Kind.ENDED_FILES]),
            months_of(Kind.ENDED_FILES, values),
        ),
        Kind.ASSESSMENTS: (Assessment, old_assessment, months_of(Kind.ASSESSMENTS, values)),
        Kind.AUDIT: (AuditRow, AuditRow.at < at[Kind.AUDIT], months_of(Kind.AUDIT, values)),
    }
    with everything():  # numbers only: the DPO and the job see no file
        return [
            Due(kind, _number(model, condition), term)
            for kind, (model, condition, term) in counted.items()
        ]


def _number(model: type[Base], condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(condition)) or 0


def files(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of files that are over a term: (uid, alias, village, whether withdrawn)."""
    gone, over = _file_conditions()
    asked = select(Child.uid, Child.alias, Child.village_id, gone.label("withdrawn")).where(
        visible(actor, Role.COORDINATOR), or_(gone, over), ~_asked()
    )
    return page_of(asked, [Child.id], after=after)


def files_due(actor: Actor) -> int:
    """Return how many files of the county are over a term and nobody has asked to erase."""
    return _number(
        Child, and_(visible(actor, Role.COORDINATOR), or_(*_file_conditions()), ~_asked())
    )


def _file_conditions() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    values = values_on(clock.today())
    days = int(values["retention.withdrawn_days"])
    return withdrawn(days), ended(cutoff(Kind.ENDED_FILES, values))


def _asked() -> ColumnElement[bool]:
    waiting = select(Erasure.id).where(Erasure.child_id == Child.id, is_open())
    return waiting.correlate(Child).exists()
