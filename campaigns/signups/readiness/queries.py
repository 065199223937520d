"""Whose seat will be given on unless the clearance is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from campaigns.models import Campaign, Slot
from campaigns.rules import CURRENT, HOLD_HOURS, READY_DAYS, STEP_DAYS, TILE_MINUTES
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.readiness.rules import TIMED, WARNED, Terms, is_ready, ready_by, steps_of
from core import clock
from core.db import AnyRow, db
from core.parameters import value_on, values_on
from volunteers.models import Volunteer
from volunteers.queries import clearances
from volunteers.rules import EvidenceKind, Step

BATCH = 500


@dataclass(frozen=True, slots=True)
class Unready:
    """Somebody who has a seat and may not come yet."""

    sign_up_id: int
    uid: str
    person_id: int
    title: str
    title_en: str
    by: date
    """The last day before the seat goes to somebody else."""


def days_before() -> int:
    return int(value_on(READY_DAYS, clock.today()))


def terms() -> Terms:
    """Return what the dated values say today."""
    today = clock.today()
    values = values_on(today)
    days = {step: int(values[f"{STEP_DAYS}{step}"]) for step in TIMED}
    hours, ahead, a_tile = (int(values[one]) for one in (HOLD_HOURS, READY_DAYS, TILE_MINUTES))
    return Terms(today, hours, ahead, days, a_tile)


def unready(*, after: int = 0) -> tuple[Sequence[Unready], int | None]:
    """Return who is not ready of those whose day comes near, and where to go on; None at the end.

    Far enough ahead that everybody can be told before the seat is given on.
    """
    today, days = clock.today(), days_before()
    rows = db.session.execute(
        select(SignUp.id, SignUp.uid, SignUp.person_id, Slot, Campaign, Volunteer)
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .join(Volunteer, Volunteer.person_id == SignUp.person_id)
        .where(
            SignUp.id > after,
            SignUp.state == SeatState.CONFIRMED,
            Campaign.stage.in_(CURRENT),
            or_(Slot.with_children, Slot.trained, Slot.screened),
            Slot.starts_on >= today,
            Slot.starts_on < today + timedelta(days=days) + WARNED,
        )
        .order_by(SignUp.id)
        .limit(BATCH)
    ).all()
    held = clearances([row.Volunteer.id for row in rows], today)
    found = [
        Unready(
            row.id,
            row.uid,
            row.person_id,
            row.Campaign.title,
            row.Campaign.title_en,
            ready_by(row.Slot.starts_on, days),
        )
        for row in rows
        if not is_ready(
            row.Volunteer.status,
            held[row.Volunteer.id],
            with_children=row.Slot.with_children,
            needed=needed_at(row.Slot),
        )
    ]
    return found, rows[-1].id if len(rows) == BATCH else None


def needs_of(slot: Slot | AnyRow) -> frozenset[Step]:
    """Return what a slot asks of whoever comes."""
    return steps_of(with_children=slot.with_children, trained=slot.trained, screened=slot.screened)


def needed_at(slot: Slot) -> frozenset[EvidenceKind]:
    """Return what a slot asks for beside being cleared for children."""
    asked = {EvidenceKind.TRAINING: slot.trained, EvidenceKind.SCREENING: slot.screened}
    return frozenset(kind for kind, wanted in asked.items() if wanted)
