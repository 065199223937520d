"""What is left of visits once a child's file, or a person's account, is erased: the hours."""

from sqlalchemy import delete, select, update

from core.db import transaction
from pairings.models import Pairing
from visits.busy.models import BusyImport, BusyTime
from visits.concerns.models import VisitConcern
from visits.feeds.models import CalendarFeed, InvitationWish
from visits.holds.models import Hold
from visits.lapses.ladder.models import LapseStep
from visits.models import Visit
from visits.records.models import VisitRecord
from visits.series.models import Series


def forget_child(child_id: int) -> None:
    """Empty what visits and their records say of a child, in the caller's transaction."""
    pairings = select(Pairing.id).where(Pairing.child_id == child_id)
    visits = select(Visit.id).where(Visit.pairing_id.in_(pairings))
    with transaction() as session:
        session.execute(update(Visit).where(Visit.pairing_id.in_(pairings)).values(place_text=""))
        session.execute(update(Series).where(Series.pairing_id.in_(pairings)).values(place_text=""))
        session.execute(delete(LapseStep).where(LapseStep.pairing_id.in_(pairings)))
        session.execute(delete(Hold).where(Hold.child_id == child_id))
        session.execute(
            update(VisitRecord)
            .where(VisitRecord.visit_id.in_(visits))
            .values(
                did="", need_change=None, need_changes="", parcel="", parcels=None, mood=None,
                return_reason="",
            )
        )  # fmt: skip
        session.execute(
            update(VisitConcern).where(VisitConcern.visit_id.in_(visits)).values(told=None)
        )


def forget_person(person_id: int) -> None:
    """Delete somebody's calendars, wishes and busy times, in the caller's transaction."""
    with transaction() as session:
        for kept in (BusyTime, BusyImport, CalendarFeed, InvitationWish):
            session.execute(delete(kept).where(kept.person_id == person_id))
