"""What members of a team are told, in the transaction of the deed."""

from collections.abc import Iterable
from datetime import timedelta

from core import clock
from core.db import transaction
from messages.services import Notice, plan
from volunteers.teams.models import Team

TOLD_FOR = timedelta(days=14)


def tell(kind: str, team: Team, person_ids: Iterable[int]) -> None:
    """Tell people of a team; of one team and moment each kind is told once."""
    now = clock.now()
    with transaction():
        plan(
            [
                Notice(
                    kind=kind,
                    key=f"{kind}/{team.uid}/{person_id}/{now:%Y%m%d%H%M%S%f}",
                    params={"team": team.name},
                    due_at=now,
                    expire_at=now + TOLD_FOR,
                    person_id=person_id,
                )
                for person_id in person_ids
            ]
        )
