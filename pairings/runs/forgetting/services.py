"""What runs hold of a child once its file is erased: nothing."""

from sqlalchemy import String, cast, delete, or_, select, update

from core.db import transaction
from pairings.board.worlds.queries import OPENED
from pairings.models import Pairing
from pairings.runs.models import (
    MatchDocument,
    MatchProposal,
    MatchRefusal,
    MatchRun,
    MatchWaiting,
)


def forget_child(child_id: int) -> None:
    """Delete a child's rows, and every stored run that may hold what it was weighed by.

    A stored run is proved as a whole: it cannot lose one child, so it goes. Its sums stay, which a
    file that was taken out before can still be held to.
    """
    with transaction() as session:
        rows = (MatchProposal, MatchWaiting)
        named = [select(row.run_id).where(row.child_id == child_id) for row in rows]
        stood = (
            select(MatchRun.id)
            .join(Pairing, Pairing.child_id == child_id)
            .where(or_(MatchRun.area_id == Pairing.county_id, MatchRun.level == "city"))
        )
        held = [MatchDocument.run_id.in_(one) for one in (*named, stood)]
        gone = session.scalars(
            delete(MatchDocument).where(or_(*held)).returning(MatchDocument.run_id)
        ).all()
        session.execute(
            update(MatchRun).where(MatchRun.id.in_(gone)).values(version=MatchRun.version + 1)
        )
        for model in (*rows, MatchRefusal):
            session.execute(delete(model).where(model.child_id == child_id))
        for run in session.scalars(select(MatchRun).where(cast(MatchRun.alarms, String) != "[]")):
            run.alarms = [one for one in run.alarms if one["child"] != child_id]
    OPENED.forget()  # other processes let go of theirs by themselves
