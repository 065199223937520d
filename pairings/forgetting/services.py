"""What is left of a pairing once the child's file is erased: who accompanied, from when to when."""

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from pairings.agreements.models import AgreementSignature
from pairings.answers.models import PairingAnswer
from pairings.endings.models import PairingExplanation
from pairings.letters.models import PairingLetter
from pairings.models import Pairing
from pairings.rules import LIVE
from pairings.runs.forgetting.services import forget_child as forget_in_runs
from pairings.steps.models import PairingStep
from pairings.voices.models import PairingVoice, VoiceTask


def forget_child(child_id: int) -> None:
    """Empty what pairings say of a child, in the caller's transaction. Raises RuleBroken."""
    with transaction() as session:
        of_child = Pairing.child_id == child_id
        live = select(func.count()).where(of_child, Pairing.stage.in_(list(LIVE)))
        if session.scalar(live):
            raise RuleBroken(_("孩子正在结对中，请先结束结对"))
        session.execute(
            update(Pairing)
            .where(of_child)
            .values(
                reasons=[],
                note="",
                decision_note="",
                goodbye_missing=_emptied(Pairing.goodbye_missing),
                handover=_emptied(Pairing.handover),
            )
        )
        of_pairings = PairingStep.pairing_id.in_(select(Pairing.id).where(of_child))
        session.execute(update(PairingStep).where(of_pairings).values(reason=""))
        session.execute(
            update(PairingAnswer)
            .where(PairingAnswer.child_id == child_id)
            .values(reason="", reference="")
        )
        session.execute(
            update(AgreementSignature)
            .where(AgreementSignature.child_id == child_id)
            .values(reference="")
        )
        session.execute(
            update(PairingExplanation)
            .where(PairingExplanation.child_id == child_id)
            .values(missing=_emptied(PairingExplanation.missing))
        )
        for said in (PairingVoice, VoiceTask, PairingLetter):
            session.execute(delete(said).where(said.child_id == child_id))
        forget_in_runs(child_id)


def _emptied(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Return a dash where something was written: that it was is what the database asks for."""
    return case((column != "", "-"), else_="")
