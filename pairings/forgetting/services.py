"""What is left of a pairing once the child's file is erased: who accompanied, from when to when."""

from sqlalchemy import func, select, update

from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from pairings.models import Pairing
from pairings.rules import LIVE


def forget_child(child_id: int) -> None:
    """Empty what pairings say of a child, in the caller's transaction. Raises RuleBroken."""
    with transaction() as session:
        of_child = Pairing.child_id == child_id
        live = select(func.count()).where(of_child, Pairing.stage.in_(list(LIVE)))
        if session.scalar(live):
            raise RuleBroken(_("孩子正在结对中，请先结束结对"))
        session.execute(
            update(Pairing).where(of_child).values(reasons=[], note="", decision_note="")
        )
