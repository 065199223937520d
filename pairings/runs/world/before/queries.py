"""What came before: pairings that are over or were declined, and who was in their teams then."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, select

from children.models import Child
from core.db import AnyRow, db
from core.zone import CHINA
from pairings.models import Pairing
from pairings.rules import LIVE, OVER
from pairings.runs.models import MatchProposal, MatchRefusal, MatchRun
from pairings.runs.queries import newest_of
from pairings.runs.rules import Fate, State
from pairings.runs.world.rules import Past, Rest
from places.models import Area
from volunteers.teams.models import TeamMember

YEAR = 365


def past(
    here: ColumnElement[bool], *, on: date, rest: Rest, besides: int | None
) -> tuple[dict[int, list[Past]], Counter[int]]:
    """Return each child's pairings that are over or declined, and how many people it has lost."""
    rows = db.session.execute(
        select(
            Pairing.child_id, Pairing.team_id, Pairing.stage, Pairing.decline_reason,
            Pairing.end_reason, Pairing.ended_at, Pairing.starts_on, Pairing.decided_at,
            Pairing.introduced_on, Pairing.agreed_before,
        )
        .join(Child, Child.id == Pairing.child_id)
        .where(here, Pairing.stage.not_in(LIVE), Pairing.id != (besides or 0))
        .order_by(Pairing.id)
    ).all()  # fmt: skip
    members = _then(here)
    year = _morning(on - timedelta(days=YEAR))
    found: dict[int, list[Past]] = defaultdict(list)
    lost: Counter[int] = Counter()
    for row in rows:
        met = row.introduced_on is not None or row.agreed_before
        over = row.stage in OVER and met and row.ended_at is not None
        lost[row.child_id] += over and row.ended_at >= year
        rests = over and row.ended_at >= _morning(rest.since(on, row.end_reason))
        found[row.child_id].append(
            Past(
                row.team_id, _people_then(row, members[row.team_id]), row.stage,
                row.decline_reason, row.end_reason, recent=rests,
            )
        )  # fmt: skip
    return found, lost


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _then(here: ColumnElement[bool]) -> Mapping[int, list[AnyRow]]:
    """Return who has ever been in the teams of these children's pairings."""
    teams = select(Pairing.team_id).join(Child, Child.id == Pairing.child_id).where(here)
    rows = db.session.execute(
        select(TeamMember.team_id, TeamMember.volunteer_id, TeamMember.joined_on,
               TeamMember.left_on)
        .where(TeamMember.team_id.in_(teams))
    )  # fmt: skip
    members: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        members[row.team_id].append(row)
    return members


def _people_then(row: AnyRow, members: Iterable[AnyRow]) -> frozenset[int]:
    over = row.ended_at or row.decided_at
    return frozenset(
        one.volunteer_id
        for one in members
        if (one.left_on is None or one.left_on >= row.starts_on)
        and (over is None or one.joined_on <= over.date())
    )


def ruled_out(here: ColumnElement[bool]) -> dict[int, list[int]]:
    rows = db.session.execute(
        select(MatchRefusal.child_id, MatchRefusal.team_id)
        .join(Child, Child.id == MatchRefusal.child_id)
        .where(here)
    )
    barred: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        barred[row.child_id].append(row.team_id)
    return barred


def proposed(counties: Collection[int], run_id: int | None) -> dict[int, int]:
    """Return what the last run before had proposed for each county and nobody has said no to.

    Counties may have been matched again on their own since the city was, and the other way round.
    """
    if run_id is None:
        return {}
    last = before(counties, run_id)
    here = and_(MatchProposal.run_id == last.c.run_id, MatchProposal.county_id == last.c.county_id)
    rows = db.session.execute(
        select(MatchProposal.child_id, MatchProposal.team_id)
        .join(last, here)
        .where(MatchProposal.fate.in_([Fate.OPEN, Fate.EXPIRED]))
    )
    return {row.child_id: row.team_id for row in rows}


def before(counties: Collection[int], run_id: int) -> Subquery:
    """Return (county_id, run_id) of the last run before, by county."""
    made = MatchRun.state.in_([State.READY, State.EXPIRED])
    return newest_of(Area.id.in_(counties), made, MatchRun.id < run_id)
