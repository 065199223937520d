"""Recording signatures under the agreement; with the last one the pairing is agreed."""

from sqlalchemy import exists, select, update

from accounts.rules import SITE, Actor, Role
from children.consents.services import ENTERING
from children.models import Child
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from pairings import queries
from pairings.agreements.labels import PROBLEMS
from pairings.agreements.models import AgreementSignature
from pairings.agreements.queries import may_be_signed, signing
from pairings.agreements.rules import (
    Party,
    Problem,
    Seat,
    Signature,
    SignatureProof,
    problems,
)
from pairings.agreements.texts.queries import original
from pairings.keys.services import refuse_without_city
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.services import locked_pairing
from volunteers.teams.models import TeamMember

__all__ = ["ENTERING", "VOLUNTEERS", "record", "refuse_unready", "settle", "sign_own", "void"]
VOLUNTEERS = (Role.VOLUNTEER, Role.TEAM_LEADER)
AT_ONCE = 200


def record(uid: str, signature: Signature, *, by: Actor) -> None:
    """Enter a signature on paper, or a guardian's on a call. Raises NotYours, RuleBroken.

    The centre signs for itself: only its coordinators enter that one.
    """
    with transaction():
        pairing, child = locked_pairing(uid, by, *ENTERING)
        if signature.seat.party is Party.CENTRE and not queries.coordinates(pairing, by):
            raise RuleBroken(_("中心的签字由县协调员登记"))
        if signature.proof is SignatureProof.ONLINE:
            raise RuleBroken(str(PROBLEMS[Problem.WRONG_PROOF]))
        _sign(pairing, child, signature, by=by)


def sign_own(uid: str, *, by: Actor) -> None:
    """Sign as one of the team, signed in as oneself. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = queries.pairing(uid, by)
        child = session.scalar(select(Child).where(Child.id == found.child_id).with_for_update())
        if child is None:
            raise NotYours
        session.refresh(found, with_for_update=True)
        seat = signing(found, child.age_band, by.id).own
        if seat is None:
            raise RuleBroken(_("这份协议不用您签，或您已经签过了"))
        today = clock.today()
        _sign(found, child, Signature(seat, SignatureProof.ONLINE, today), by=by)


def void(uid: str, signature_id: int, *, by: Actor) -> None:
    """Take back a signature that was entered by mistake, before the first visit is planned.

    Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        pairing, _child = locked_pairing(uid, by, Role.COORDINATOR)
        if pairing.stage is not Stage.CONSENT_PENDING:
            raise RuleBroken(_("已经安排首访，签字不能再作废；不再继续请结束结对"))
        voided = session.scalar(
            update(AgreementSignature)
            .where(
                AgreementSignature.id == signature_id,
                AgreementSignature.pairing_id == pairing.id,
                AgreementSignature.voided_at.is_(None),
            )
            .values(voided_at=clock.now(), voided_by_id=by.id)
            .returning(AgreementSignature.id)
        )
        if voided is None:
            raise RuleBroken(_("这个签字已经作废了"))
        session.execute(
            update(Pairing)
            .where(Pairing.id == pairing.id)
            .values(agreed_on=None, agreement_version="", version=Pairing.version + 1)
        )
        audit.record("signature_voided", "pairing", uid, by=by.id)


def _sign(pairing: Pairing, child: Child, signature: Signature, *, by: Actor) -> None:
    if not may_be_signed(pairing):
        raise RuleBroken(_("监护人和孩子都同意以后才签协议"))
    refuse_without_city(pairing, child)
    state = signing(pairing, child.age_band, by.id)
    found = problems(signature, state.needed, today=clock.today())
    if found:
        raise RuleBroken(*(str(PROBLEMS[problem]) for problem in found))
    _add(pairing, signature, version=state.version, by=by)
    signing_now = signing(pairing, child.age_band, by.id)
    if signing_now.complete:
        _agreed(pairing, signing_now.version, by=by)


def refuse_unready(pairing: Pairing) -> None:
    """Refuse a first meeting without the city's key, or planned with somebody who has not signed.

    Whoever has begun goes on while the city decides. Raises RuleBroken.
    """
    if pairing.stage not in {Stage.CONSENT_PENDING, Stage.SCHEDULED_INTRO}:
        return
    with transaction() as session:
        child = session.scalars(select(Child).where(Child.id == pairing.child_id)).one()
    refuse_without_city(pairing, child)
    pending = pairing.stage is Stage.CONSENT_PENDING
    if pending and not signing(pairing, child.age_band, None).complete:
        raise RuleBroken(_("小组里有人还没有签协议，请先补签"))


def settle() -> int:
    """Agree where whoever had not signed has left the team since; return how many pairings."""
    left = exists().where(TeamMember.team_id == Pairing.team_id, TeamMember.left_on.is_not(None))
    with transaction() as session:
        rows = session.execute(
            select(Pairing, Child.age_band)
            .join(Child, Child.id == Pairing.child_id)
            .where(Pairing.stage == Stage.CONSENT_PENDING, Pairing.agreed_on.is_(None), left)
            .order_by(Pairing.id)
            .limit(AT_ONCE)
            .with_for_update(of=Pairing, skip_locked=True)
        ).all()
        done = 0
        for pairing, age_band in rows:
            state = signing(pairing, age_band, None)
            if may_be_signed(pairing) and state.complete:
                _agreed(pairing, state.version, by=SITE)
                done += 1
        return done


def _add(pairing: Pairing, signature: Signature, *, version: str, by: Actor) -> None:
    text = original(version)
    if text is None:
        raise RuleBroken(_("没有版本 %(version)s 的协议，请管理员核对规则参数", version=version))
    seat: Seat = signature.seat
    made = insert_once(
        AgreementSignature,
        pairing_id=pairing.id,
        child_id=pairing.child_id,
        text_version=version,
        text_digest=text.digest,
        party=seat.party,
        volunteer_id=seat.volunteer_id,
        signer=signature.signer if seat.party is Party.GUARDIAN else None,
        proof=signature.proof,
        reference=signature.reference[:60],
        dated=signature.dated,
        entered_by_id=by.id,
        entered_at=clock.now(),
    )
    if made is None:
        raise RuleBroken(_("刚刚有人登记过这个签字"))
    audit.record("agreement_signed", "pairing", pairing.uid, by=by.id, fields=[seat.party])


def _agreed(pairing: Pairing, version: str, *, by: Actor) -> None:
    with transaction() as session:
        session.execute(
            update(Pairing)
            .where(Pairing.id == pairing.id)
            .values(agreed_on=clock.today(), agreement_version=version, version=Pairing.version + 1)
        )
        session.refresh(pairing)
    audit.record("pairing_agreed", "pairing", pairing.uid, by=by.id, fields=["agreed_on"])
