"""The newest run that a coordinator can decide on, with how much of it is still open."""

from sqlalchemy import func, select

from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, db
from pairings.runs.models import MatchProposal, MatchRun, MatchWaiting
from pairings.runs.queries import of_counties, visible
from pairings.runs.rules import Fate, State


def head(actor: Actor) -> AnyRow | None:
    """Return (id, uid, ready_at, expires_at, open, nobody) of the run, in one query."""
    reaches = actor.reaches(Role.COORDINATOR)
    open_ones = select(func.count(MatchProposal.id)).where(
        MatchProposal.run_id == MatchRun.id,
        MatchProposal.fate == Fate.OPEN,
        of_counties(MatchProposal, reaches),
    )
    nobody = select(func.count(MatchWaiting.id)).where(
        MatchWaiting.run_id == MatchRun.id, of_counties(MatchWaiting, reaches)
    )
    return db.session.execute(
        select(
            MatchRun.id,
            MatchRun.uid,
            MatchRun.ready_at,
            MatchRun.expires_at,
            open_ones.correlate(MatchRun).scalar_subquery().label("open"),
            nobody.correlate(MatchRun).scalar_subquery().label("nobody"),
        )
        .where(
            visible(actor, Role.COORDINATOR),
            MatchRun.state == State.READY,
            MatchRun.expires_at > clock.now(),
        )
        .order_by(MatchRun.id.desc())
        .limit(1)
    ).first()
