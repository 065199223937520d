"""What came before: a no stays a no, whatever a team is called."""

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from pairings.models import Pairing
from pairings.rules import AGAINST_ONE, LIVE, OVER, PARTED_BADLY, Stage
from volunteers.teams.models import Team, TeamMember


def refused(child_id: int, besides: int | None) -> ColumnElement[bool]:
    """Return whether team and child are together now, or somebody said no to it before.

    A no is about people, not about a team's name: the same two volunteers in another team are the
    same pair. A no that may be about one of them (the child's, the family's, kinship, safety) is
    held against every team with either.
    """
    one_is_enough = or_(
        Pairing.decline_reason.in_(AGAINST_ONE), Pairing.end_reason.in_(PARTED_BADLY)
    )
    said_no = and_(
        or_(
            Pairing.stage.in_([Stage.DECLINED, Stage.TERMINATED_SAFEGUARDING]),
            and_(Pairing.stage.in_(OVER), Pairing.end_reason.in_(PARTED_BADLY)),
        ),
        _shared() >= case((one_is_enough, 1), else_=2),
    )
    own = and_(
        Pairing.team_id == Team.id,
        or_(
            Pairing.stage.in_([*LIVE, Stage.DECLINED, Stage.TERMINATED_SAFEGUARDING]),
            Pairing.end_reason.in_(PARTED_BADLY),
        ),
    )
    return (
        select(Pairing.id)
        .where(Pairing.child_id == child_id, Pairing.id != (besides or 0), or_(own, said_no))
        .correlate(Team)
        .exists()
    )


def _shared() -> ColumnElement[int]:
    """Return how many of a team's people were in the team of an earlier pairing while it was."""
    then, now = aliased(TeamMember), aliased(TeamMember)
    over = func.date(func.coalesce(Pairing.ended_at, Pairing.decided_at))
    return (
        select(func.count(func.distinct(now.volunteer_id)))
        .select_from(then)
        .join(now, now.volunteer_id == then.volunteer_id)
        .where(
            then.team_id == Pairing.team_id,
            or_(then.left_on.is_(None), then.left_on >= Pairing.starts_on),
            or_(over.is_(None), then.joined_on <= over),
            now.team_id == Team.id,
            now.left_on.is_(None),
        )
        .correlate(Team, Pairing)
        .scalar_subquery()
    )
