"""What came before: a no stays a no, whatever a team is called."""

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from pairings.models import Pairing
from pairings.rules import AGAINST_ONE, LIVE, OVER, PARTED_BADLY, Stage
from volunteers.teams.models import Team, TeamMember


def refused(child_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Return whether team and child are together now, or somebody said no to it before.

    A no is about people, not about a team's name: the same two volunteers in another team are the
    same pair. A no that may be about one of them (the child's, the family's, kinship, safety) is
    held against every team with either. It is asked once for all teams, from the child's side: few
    children have anything behind them.
    """
    own = select(Pairing.team_id).where(
        Pairing.child_id == child_id,
        or_(
            Pairing.stage.in_([*LIVE, Stage.DECLINED, Stage.TERMINATED_SAFEGUARDING]),
            Pairing.end_reason.in_(PARTED_BADLY),
        ),
    )
    return or_(Team.id.in_(own), Team.id.in_(_with_the_same(child_id)))


def _with_the_same(child_id: int | ColumnElement[int]) -> Select[int]:
    """Return the teams that have people of a team to which somebody said no, while it was."""
    then, now = aliased(TeamMember), aliased(TeamMember)
    over = func.date(func.coalesce(Pairing.ended_at, Pairing.decided_at))
    one_is_enough = or_(
        Pairing.decline_reason.in_(AGAINST_ONE), Pairing.end_reason.in_(PARTED_BADLY)
    )
    return (
        select(now.team_id)
        .select_from(Pairing)
        .join(then, then.team_id == Pairing.team_id)
        .join(now, now.volunteer_id == then.volunteer_id)
        .where(
            Pairing.child_id == child_id,
            or_(
                Pairing.stage.in_([Stage.DECLINED, Stage.TERMINATED_SAFEGUARDING]),
                and_(Pairing.stage.in_(OVER), Pairing.end_reason.in_(PARTED_BADLY)),
            ),
            or_(then.left_on.is_(None), then.left_on >= Pairing.starts_on),
            or_(over.is_(None), then.joined_on <= over),
            now.left_on.is_(None),
        )
        .group_by(Pairing.id, now.team_id, Pairing.decline_reason, Pairing.end_reason)
        .having(func.count(func.distinct(now.volunteer_id)) >= case((one_is_enough, 1), else_=2))
    )
