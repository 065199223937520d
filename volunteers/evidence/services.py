"""Recording what was checked about a volunteer, and taking back what was recorded wrongly."""

from sqlalchemy import select

from accounts.rules import Actor, Role
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import values_on
from volunteers import queries
from volunteers.evidence import queries as evidence
from volunteers.evidence.rules import LASTING, NewEvidence, faults
from volunteers.labels import FAULTS
from volunteers.models import Evidence, Volunteer
from volunteers.profile.services import of_person
from volunteers.rules import EvidenceKind, Outcome, Status
from volunteers.services import SUSPENDABLE, suspend_at_once, under

PLEDGE = "pledge/2026-11"
"""The version of the text that is signed, as on the page; a changed text gets a new one."""


def longest(new: NewEvidence) -> dict[EvidenceKind, int]:
    """Return for how many days evidence may last, by the rules of the day it was obtained."""
    values = values_on(new.dated)
    return {kind: values[f"volunteers.{kind}_days"] for kind in LASTING}


def record_evidence(uid: str, new: NewEvidence, *, by: Actor) -> None:
    """Add evidence about a volunteer of one's own county; a hit suspends at once."""
    most = longest(new)
    wrong = faults(new, clock.today(), most)
    if wrong:
        raise RuleBroken(*(str(FAULTS[fault]) for fault in wrong))
    with transaction():
        volunteer = under(uid, by, Role.COORDINATOR)
        _add(volunteer, new, most, by=by)
        audit.record("record_evidence", "volunteer", uid, by=by.id, fields=[new.kind])
        if new.outcome is Outcome.HIT and volunteer.status in SUSPENDABLE:
            suspend_at_once(volunteer, reason=_("入职查询有记录，待未保专员决定"), by=by)


def _add(
    volunteer: Volunteer, new: NewEvidence, most: dict[EvidenceKind, int], *, by: Actor
) -> None:
    with transaction() as session:
        session.add(
            Evidence(
                volunteer_id=volunteer.id,
                kind=new.kind,
                outcome=new.outcome,
                dated=new.dated,
                valid_until=new.ends(most),
                reference=new.reference,
                recorded_by_id=by.id,
            )
        )


def sign_pledge(*, by: Actor) -> None:
    """Sign the pledge as the volunteer one is; signed already, it stays as it is."""
    with transaction():
        volunteer = of_person(by)
        if evidence.pledge_of(volunteer.id) is None:
            _add(volunteer, NewEvidence(EvidenceKind.PLEDGE, clock.today(), PLEDGE), {}, by=by)
            audit.record("sign_pledge", "volunteer", volunteer.uid, by=by.id)


def void_evidence(uid: str, evidence_id: int, *, reason: str, by: Actor) -> None:
    """Take back an entry made wrongly; what clearance then lacks suspends at once.

    A hit is taken back by a safeguarding lead only: that is how a hit is decided to be none.
    """
    with transaction() as session:
        volunteer = under(uid, by, Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
        entry = session.scalar(
            select(Evidence).where(
                Evidence.id == evidence_id, Evidence.volunteer_id == volunteer.id
            )
        )
        if entry is None:
            raise NotYours
        if entry.voided_at is not None:
            raise RuleBroken(_("这条登记已经作废"))
        _may_void(volunteer, entry, by)
        entry.voided_at, entry.void_reason = clock.now(), reason[:200]
        session.flush()
        audit.record(
            "void_evidence", "volunteer", uid, by=by.id, fields=[entry.kind], reason=reason
        )
        progress = queries.progress_of(volunteer, clock.today())
        if volunteer.status is Status.ACTIVE and not progress.clearance.complete:
            suspend_at_once(volunteer, reason=_("一项登记作废，手续不全"), by=by)


def _may_void(volunteer: Volunteer, entry: Evidence, by: Actor) -> None:
    needed = Role.SAFEGUARDING_LEAD if entry.outcome is Outcome.HIT else Role.COORDINATOR
    under(volunteer.uid, by, needed)
