"""Missed windows: of one pairing, and those that wait for somebody."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select

from accounts.models import Person
from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, db
from core.paging import Page, page_of
from pairings.models import Pairing
from pairings.queries import STAFF
from pairings.rules import Stage
from pairings.steps.models import PairingStep
from places.queries import within
from visits.contracts.queries import RESUMED_FROM
from visits.lapses.ladder.models import LapseStep
from visits.lapses.ladder.rules import Step
from visits.models import Visit
from visits.rules import AHEAD, TOOK_PLACE
from volunteers.teams.models import Team

CHECKERS = (Role.CHILD_DIRECTOR, Role.CHILD_SUPERVISOR)
ON_IT = (Stage.ACTIVE, Stage.PAUSED, Stage.RENEWING)


def taken(pairing_id: int, last: date) -> dict[Step, date]:
    """Return the steps taken since the day a window is counted from, and when.

    Not those of the window's own days: holidays, terms and agreements move these.
    """
    rows = db.session.execute(
        select(LapseStep.step, LapseStep.taken_on).where(*_since(pairing_id, last))
    )
    return {row.step: row.taken_on for row in rows}


def named(pairing_id: int, last: date) -> date | None:
    """Return what the missed window has been called since its first step, None before that."""
    return db.session.scalar(select(func.min(LapseStep.window_on)).where(*_since(pairing_id, last)))


def _since(pairing_id: int, last: date) -> tuple[ColumnElement[bool], ...]:
    return LapseStep.pairing_id == pairing_id, LapseStep.taken_on > last


def history(pairing_id: int, *, answers: bool) -> Sequence[AnyRow]:
    """Return the steps of a pairing, the newest first.

    With `answers` also how the child was and who said so: for those who `knows` names alone.
    """
    said = (LapseStep.answer, Person.name) if answers else ()
    return db.session.execute(
        select(LapseStep.step, LapseStep.taken_on, *said)
        .outerjoin(Person, Person.id == LapseStep.answered_by_id)
        .where(LapseStep.pairing_id == pairing_id)
        .order_by(LapseStep.id.desc())
        .limit(25)
    ).all()


def visit_ahead(pairing_id: int) -> bool:
    ahead = select(Visit.id).where(
        Visit.pairing_id == pairing_id, Visit.state.in_(AHEAD), Visit.starts_at > clock.now()
    )
    return db.session.scalar(ahead.limit(1)) is not None


def _unchecked(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a child waits to be looked after by this person."""
    return LapseStep.answered_at.is_(None) & within(Pairing, actor.reaches(*CHECKERS))


def _with_coordinator(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a step has made a lapse the coordinator's task.

    It stays so until a visit is planned, or has been, or somebody has paused the pairing or let it
    go on: that the child is well brings nobody to it.
    """
    theirs = Visit.pairing_id == LapseStep.pairing_id
    ahead = theirs & Visit.state.in_(AHEAD) & (Visit.starts_at > clock.now())
    came = theirs & Visit.state.in_(TOOK_PLACE) & (Visit.starts_at >= LapseStep.taken_on)
    visited = select(Visit.id).where(ahead | came).correlate(LapseStep).exists()
    resumed = (
        select(PairingStep.id)
        .where(
            PairingStep.pairing_id == LapseStep.pairing_id,
            PairingStep.stage == Stage.ACTIVE,
            PairingStep.since.in_(RESUMED_FROM),
            PairingStep.at >= LapseStep.taken_on,
        )
        .correlate(LapseStep)
        .exists()
    )
    return (
        (LapseStep.step != Step.REMIND)
        & Pairing.stage.in_(ON_IT)
        & ((Pairing.stage != Stage.PAUSED) | (LapseStep.step == Step.PAUSE))
        & within(Pairing, actor.reaches(Role.COORDINATOR))
        & ~visited
        & ~resumed
    )


def number(actor: Actor, *, checks: bool) -> int:
    """Return how many pairings wait for this person: to look after the child, or to act."""
    condition = _unchecked(actor) if checks else _with_coordinator(actor)
    counted = select(func.count(func.distinct(LapseStep.pairing_id))).join(
        Pairing, Pairing.id == LapseStep.pairing_id
    )
    return db.session.scalar(counted.where(condition)) or 0


def listing(actor: Actor, *, after: str | None) -> Page[AnyRow]:
    """Return a page of the pairings with a missed window that wait for this person."""
    listed = (
        select(
            Pairing.uid,
            Pairing.stage,
            Pairing.township_id,
            Team.name.label("team"),
            func.min(LapseStep.window_on).label("since"),
            func.count(LapseStep.id).label("steps"),
        )
        .join(LapseStep, LapseStep.pairing_id == Pairing.id)
        .join(Team, Team.id == Pairing.team_id)
        .where(_unchecked(actor) | _with_coordinator(actor))
        .group_by(Pairing.id, Pairing.uid, Pairing.stage, Pairing.township_id, Team.name)
    )
    return page_of(listed, [Pairing.id], after=after)


def checks(pairing: Pairing, actor: Actor) -> bool:
    """Whether somebody looks after the child of a pairing."""
    mine = select(Pairing.id).where(
        Pairing.id == pairing.id, within(Pairing, actor.reaches(*CHECKERS))
    )
    return db.session.scalar(mine) is not None


def knows(pairing: Pairing, actor: Actor) -> bool:
    """Whether somebody may read how a child was found: volunteers are not told."""
    theirs = select(Pairing.id).where(
        Pairing.id == pairing.id, within(Pairing, actor.reaches(*STAFF))
    )
    return db.session.scalar(theirs) is not None


def waits(pairing_id: int) -> bool:
    """Whether nobody has said yet how the child is."""
    open_now = select(LapseStep.id).where(
        LapseStep.pairing_id == pairing_id, LapseStep.answered_at.is_(None)
    )
    return db.session.scalar(open_now.limit(1)) is not None
