"""Two people who are not to be a team: said once, kept for every later search."""

from accounts.rules import Actor
from core.db import insert_once, transaction
from volunteers.teams.models import TeamRefusal
from volunteers.teams.rules import Refusal


def bar_pair(one_id: int, other_id: int, reason: Refusal, *, by: Actor) -> None:
    """Keep two people from being proposed as a pair; said again, the first reason stays."""
    with transaction():
        insert_once(
            TeamRefusal,
            one_id=min(one_id, other_id),
            two_id=max(one_id, other_id),
            reason=reason,
            by_id=by.id,
        )
