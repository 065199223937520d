"""Issuing certificates for many: a few people a step, by whichever process has claimed the batch.

What a step has done stays when its process dies: the next one goes on behind the last person.
"""

from sqlalchemy import update

from accounts.queries import actor_for
from accounts.rules import Actor
from core import audit, claims, clock, ids
from core.claims import Claim
from core.db import attempt, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.logs import log
from volunteers.certificates.batches import queries
from volunteers.certificates.batches.models import CertificateBatch
from volunteers.certificates.batches.queries import Who
from volunteers.certificates.batches.rules import BUSY, State
from volunteers.certificates.labels import FAULTS
from volunteers.certificates.rules import Period
from volunteers.certificates.services import give

STEP = 25
"""People a step: short enough for other writers to come in between."""
MOST = 5000


def ask(who: Who, period: Period, *, by: Actor) -> str:
    """Ask for a batch and return its public name. Raises NotYours, RuleBroken."""
    with transaction() as session:
        if who.county_id not in queries.counties(by) or by.id is None:
            raise NotYours
        if fault := period.fault(clock.today()):
            raise RuleBroken(str(FAULTS[fault]))
        total = queries.number(who, period)
        if not total:
            raise RuleBroken(_("没有要开的：这段日期里没有人有时长，或者都开过了"))
        if total > MOST:
            raise RuleBroken(_("一次最多开 %(n)d 张，请分单位开", n=MOST))
        made = CertificateBatch(
            uid=ids.uid(),
            county_id=who.county_id,
            org_id=who.org_id,
            from_on=period.first,
            until_on=period.last,
            total=total,
            asked_by_id=by.id,
        )
        session.add(made)
        audit.record("certificates_asked", "certificate_batch", made.uid, by=by.id)
        return made.uid


def cancel(uid: str, *, by: Actor) -> None:
    """Stop a batch; what it has issued stays. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = queries.batch(uid, by)
        stopped = session.scalar(
            update(CertificateBatch)
            .where(CertificateBatch.id == found.id, CertificateBatch.state.in_(BUSY))
            .values(state=State.CANCELLED)
            .returning(CertificateBatch.id)
        )
        if stopped is None:
            raise RuleBroken(_("这一批已经开完或停下了"))
        audit.record("certificates_cancelled", "certificate_batch", uid, by=by.id)


class _Gone(Exception):
    """The batch is no longer ours: stopped, or taken over by somebody else."""


def go_on() -> int:
    """Issue what waits; return how many certificates were issued."""
    issued = 0
    while (claim := claims.claim(CertificateBatch, BUSY, state=State.RUNNING)) is not None:
        try:
            while (step := _step(claim)) is not None:
                issued += step
        except _Gone:
            log.info("certificates ended elsewhere", batch=claim.run_id)
    return issued


def _step(claim: Claim[State]) -> int | None:
    """Issue for the next people and return for how many; None when the batch is over.

    Raises _Gone, and nothing of the step is kept, when the batch is no longer ours.
    """
    with transaction() as session:
        found = session.get_one(CertificateBatch, claim.run_id, populate_existing=True)
        by, period = actor_for(found.asked_by_id), Period(found.from_on, found.until_on)
        # Whoever no longer answers for the county issues nothing more in its name.
        allowed = found.county_id in queries.counties(by)
        who = Who(found.county_id, found.org_id, by.id)
        people = queries.next_people(who, period, found.after_id, STEP) if allowed else []
        issued = sum(_given(one, period, by, found.id) for one in people)
        over = State.READY if allowed else State.CANCELLED
        kept = claims.prolong(
            CertificateBatch,
            claim,
            state=State.RUNNING if people else over,
            done=found.done + len(people),
            issued=found.issued + issued,
            after_id=people[-1] if people else found.after_id,
        )
        if not kept:
            raise _Gone
    return issued if people else None


def _given(volunteer_id: int, period: Period, by: Actor, batch_id: int) -> bool:
    """Issue one; somebody whose hours were taken back meanwhile gets none, the others do."""
    try:
        with attempt():
            give(volunteer_id, period, by=by, batch_id=batch_id)
    except RuleBroken:
        return False
    return True


def printed(found: CertificateBatch, number: int, *, by: Actor) -> None:
    """Note that somebody has taken names of a batch out of the site."""
    with transaction():
        fields = [str(number)]
        audit.record(
            "certificates_printed", "certificate_batch", found.uid, by=by.id, fields=fields
        )
