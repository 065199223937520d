"""Entering what the guardian, and the child, said to one pairing: a yes goes on, a no ends it."""

from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from accounts.rules import Actor
from children.consents.services import ENTERING
from children.models import Child
from children.rules import NeedState, Signer
from children.services import mark
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.zone import CHINA
from pairings.answers.labels import PROBLEMS
from pairings.answers.models import PairingAnswer
from pairings.answers.rules import DECLINED_BY, ENDED_BY, Answer, Whose, problems
from pairings.keys.services import refuse_without_city
from pairings.models import Pairing
from pairings.rules import ASKING, BEGUN, DECIDING, LIVE, Stage
from pairings.services import close, locked_pairing, member_ids, team_knows, tell
from pairings.steps.services import go

__all__ = ["ENTERING", "answer", "open_to_answers"]
_COLUMNS = {Whose.GUARDIAN: "guardian_yes_on", Whose.CHILD: "child_yes_on"}
"""Where the day of the newest answer stands while it is a yes."""


def open_to_answers(stage: Stage) -> bool:
    """Whether guardian and child can say something to a pairing: a no at any time."""
    return stage in LIVE - DECIDING


def answer(uid: str, whose: Whose, said: Answer, *, by: Actor) -> None:
    """Enter one answer. Raises NotYours, RuleBroken."""
    with transaction():
        pairing, child = locked_pairing(uid, by, *ENTERING)
        if not open_to_answers(pairing.stage):
            raise RuleBroken(_("这个结对现在不征求意见"))
        wanted = pairing.stage in {*ASKING, Stage.RENEWING}
        if said.yes and not wanted:
            raise RuleBroken(_("已经同意过了；现在只登记改变主意的“不同意”"))
        found = problems(
            said, whose, child.age_band, today=clock.today(), asked_on=_asked_on(pairing)
        )
        if found:
            raise RuleBroken(*(str(PROBLEMS[problem]) for problem in found))
        if said.yes:
            refuse_without_city(pairing, child)
        _add(pairing, child, whose, said=said, by=by)
        if said.yes:
            _yes(pairing, whose, said.dated, by=by)
        else:
            _no(pairing, whose, said, by=by)


def _asked_on(pairing: Pairing) -> date:
    """Return since when a yes counts: nobody agrees to a team before it is approved."""
    if pairing.renewing_since is not None:
        return pairing.renewing_since
    decided = pairing.city_at or pairing.decided_at or clock.now()
    return decided.astimezone(CHINA).date()


def _add(pairing: Pairing, child: Child, whose: Whose, *, said: Answer, by: Actor) -> None:
    signer = Signer.CHILD if whose is Whose.CHILD else said.signer
    with transaction() as session:
        last = session.scalar(
            select(func.max(PairingAnswer.number)).where(
                PairingAnswer.pairing_id == pairing.id, PairingAnswer.whose == whose
            )
        )
    made = insert_once(
        PairingAnswer,
        pairing_id=pairing.id,
        child_id=child.id,
        whose=whose,
        number=(last or 0) + 1,
        yes=said.yes,
        reason=said.reason[:200],
        signer=signer,
        proof=said.proof,
        reference=said.reference[:60],
        dated=said.dated,
        entered_by_id=by.id,
        entered_at=clock.now(),
    )
    if made is None:
        raise RuleBroken(_("刚刚有人登记过，请看最新的再填"))
    said_what = "yes" if said.yes else "no"
    audit.record(f"pairing_{said_what}", "pairing", pairing.uid, by=by.id, fields=[whose])


def _yes(pairing: Pairing, whose: Whose, day: date, *, by: Actor) -> None:
    """Keep a yes; with the second one the team hears of the child."""
    knew = team_knows(pairing)
    if pairing.stage is Stage.APPROVED:
        go(pairing, Stage.CONSENT_PENDING, by=by)
    with transaction() as session:
        session.execute(
            update(Pairing)
            .where(Pairing.id == pairing.id)
            .values({_COLUMNS[whose]: day, "version": Pairing.version + 1})
        )
        session.refresh(pairing)
    if not knew and team_knows(pairing):
        tell("pairing_approved", pairing, member_ids(pairing.team_id))


def _no(pairing: Pairing, whose: Whose, said: Answer, *, by: Actor) -> None:
    """End it at once: before it has begun it is declined, afterwards it is over."""
    reason = said.reason
    gone: dict[str, Any] = {_COLUMNS[whose]: None}
    if pairing.stage in BEGUN:
        close(pairing, ENDED_BY[whose], by=by, note=reason, **gone)
        return
    knew, team = team_knows(pairing), member_ids(pairing.team_id)
    go(pairing, Stage.DECLINED, by=by, reason=reason, decline_reason=DECLINED_BY[whose], **gone)
    mark(pairing.child_id, NeedState.OPEN)
    tell("pairing_declined", pairing, [pairing.proposed_by_id])
    if knew:
        tell("pairing_ended", pairing, team)


def both_since(pairing: Pairing, day: date) -> bool:
    """Whether both have said yes on that day or later."""
    said = (pairing.guardian_yes_on, pairing.child_yes_on)
    return all(one is not None and one >= day for one in said)
