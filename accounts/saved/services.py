"""Keeping filters of a list under a name, and letting go of them."""

from sqlalchemy import delete, func, select

from accounts.rules import Actor
from accounts.saved.models import SavedFilter
from core import clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _

MOST = 12
"""How many one person keeps for one list."""


def save(place: str, name: str, args: str, *, by: Actor) -> None:
    """Keep filters; under a name that is taken they replace the older ones. Raises RuleBroken."""
    mine = (SavedFilter.person_id == by.id, SavedFilter.place == place)
    with transaction() as session:
        session.execute(delete(SavedFilter).where(*mine, SavedFilter.name == name))
        kept = session.scalar(select(func.count()).select_from(SavedFilter).where(*mine)) or 0
        if kept >= MOST:
            raise RuleBroken(_("最多存 %(n)d 个，请先删掉一个", n=MOST))
        insert_once(
            SavedFilter,
            person_id=by.id,
            place=place,
            name=name,
            args=args,
            saved_at=clock.now(),
        )


def drop(uid: str, *, by: Actor) -> None:
    """Let go of one's own. Raises NotYours."""
    with transaction() as session:
        gone = session.scalar(
            delete(SavedFilter)
            .where(SavedFilter.uid == uid, SavedFilter.person_id == by.id)
            .returning(SavedFilter.id)
        )
        if gone is None:
            raise NotYours
