"""What the form of filters offers: townships, and what somebody has kept."""

from dataclasses import dataclass

from sqlalchemy import String, cast, null, select

from accounts.rules import Actor, Role
from accounts.saved.models import SavedFilter
from core.db import AnyRow, db
from places.models import Area
from places.queries import in_language


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form of filters offers: townships by id, and what somebody has kept."""

    townships: list[tuple[int, str]]
    saved: list[AnyRow]
    """(key, name, args)."""


def offered(place: str, actor: Actor) -> Offered:
    """Return the townships of a coordinator's counties and their own filters, in one query."""
    counties = [one.area_id for one in actor.reaches(Role.COORDINATOR)]
    areas = select(
        Area.nbs_code.label("order"),
        cast(Area.id, String).label("key"),
        in_language(Area.name, Area.name_en).label("name"),
        null().label("args"),
    ).where(Area.parent_id.in_(counties))
    kept = select(SavedFilter.name, SavedFilter.uid, SavedFilter.name, SavedFilter.args).where(
        SavedFilter.person_id == actor.id, SavedFilter.place == place
    )
    both = areas.union_all(kept).subquery()
    rows = db.session.execute(select(both).order_by(both.c.order)).all()
    return Offered(
        [(int(row.key), row.name) for row in rows if row.args is None],
        [row for row in rows if row.args is not None],
    )
