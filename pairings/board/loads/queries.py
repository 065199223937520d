"""How many children volunteers have, in whatever teams."""

from sqlalchemy import Select, Subquery, func, select

from pairings.models import Pairing
from pairings.rules import LIVE
from volunteers.teams.models import TeamMember


def load_of(among: Select[int]) -> Subquery:
    """Return how many children each of these volunteers accompanies or is proposed for."""
    return (
        select(TeamMember.volunteer_id, func.count().label("many"))
        .join(Pairing, Pairing.team_id == TeamMember.team_id)
        .where(
            TeamMember.left_on.is_(None),
            Pairing.stage.in_(LIVE),
            TeamMember.volunteer_id.in_(among),
        )
        .group_by(TeamMember.volunteer_id)
        .subquery("load")
    )
