"""The runs that a coordinator can decide on now, one for each county, and how much is open."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Subquery, and_, func, or_, select

from accounts.rules import Actor, Role
from core import clock
from core.db import db
from pairings.runs.models import MatchProposal, MatchRun, MatchWaiting
from pairings.runs.queries import newest_of, of_counties
from pairings.runs.rules import Fate, State
from places.models import Area
from places.rules import Level


@dataclass(frozen=True, slots=True)
class Head:
    """What is to be decided on, in whichever run it is."""

    runs: int
    ready_at: datetime
    """Of the oldest."""
    expires_at: datetime
    """Of the one that ends first."""
    open: int
    nobody: int


def head(actor: Actor) -> Head | None:
    """Return what is open in the newest run of each of somebody's counties, in one query."""
    reaches = actor.reaches(Role.COORDINATOR)
    counties = or_(
        Area.id.in_([one.area_id for one in reaches if one.level is Level.COUNTY]),
        Area.parent_id.in_([one.area_id for one in reaches if one.level is Level.CITY]),
    )
    holds = (MatchRun.state == State.READY, MatchRun.expires_at > clock.now())
    newest = newest_of(counties, *holds)
    found = db.session.execute(
        select(
            func.count().label("runs"),
            func.min(MatchRun.ready_at).label("ready_at"),
            func.min(MatchRun.expires_at).label("expires_at"),
            _in(newest, MatchProposal, actor).where(MatchProposal.fate == Fate.OPEN)
            .scalar_subquery().label("open"),
            _in(newest, MatchWaiting, actor).scalar_subquery().label("nobody"),
        ).where(MatchRun.id.in_(select(newest.c.run_id)))
    ).one()  # fmt: skip
    return Head(*found) if found.runs else None


def _in(
    newest: Subquery, model: type[MatchProposal] | type[MatchWaiting], actor: Actor
) -> Select[int]:
    """Return how many rows of these runs are about somebody's children."""
    here = and_(newest.c.run_id == model.run_id, newest.c.county_id == model.county_id)
    counted = select(func.count(model.id)).join(newest, here)
    return counted.where(of_counties(model, actor.reaches(Role.COORDINATOR)))
