"""What is left of a child's file once it is erased: a number, a place, a day."""

from sqlalchemy import delete, update

from children.access.models import AccessGrant
from children.consents.links.models import GuardianLink
from children.consents.models import Consent
from children.models import Child, ChildFreeTime
from children.rules import AgeBand, Category, NeedState, Risk
from core import clock
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _

BLANK = {
    "girl": False,
    "age_band": AgeBand.A0_2,
    "category": Category.LEFT_BEHIND,
    "risk": Risk.LOW,
    "boarding": False,
    "needs": [],
    "interests": "",
    "care_hint": "",
    "sent_back_note": "",
}
"""The least of each column: no page shows them, since the file counts as erased."""


def forget(child_id: int) -> None:
    """Empty a file for good, in the caller's transaction; what others refer to stays as a shell.

    That consents were given, and to which text, stays: it is what shows that the law was kept.
    Raises RuleBroken when the file is already empty or a team still comes.
    """
    with transaction() as session:
        gone = session.scalar(
            update(Child)
            .where(
                Child.id == child_id, Child.erased_on.is_(None), Child.state != NeedState.MATCHED
            )
            .values(
                **BLANK,
                alias=f"×{child_id}",
                state=NeedState.WITHDRAWN,
                open_since=None,
                erased_on=clock.today(),
                version=Child.version + 1,
            )
            .returning(Child.id)
        )
        if gone is None:
            raise RuleBroken(_("孩子还在结对中，或档案已经删除"))
        session.execute(delete(ChildFreeTime).where(ChildFreeTime.child_id == child_id))
        session.execute(delete(GuardianLink).where(GuardianLink.child_id == child_id))
        session.execute(
            update(Consent).where(Consent.child_id == child_id).values(proof_reference="")
        )
        session.execute(
            update(AccessGrant)
            .where(AccessGrant.child_id == child_id)
            .values(note="", decision_note="")
        )
