"""Which visits several children have together."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from core.db import AnySelect, db
from visits.models import Visit


def ids_of(visit: Visit) -> AnySelect:
    """Return the query of the ids of the visits that are made together with one, itself too."""
    return select(Visit.id).where(or_(Visit.id == visit.id, Visit.joined_id == visit.occasion))


def others(visit: Visit) -> Sequence[Visit]:
    """Return the other visits of the same occasion, in the order of their ids."""
    if visit.joined_id is None:
        return []
    return db.session.scalars(
        select(Visit)
        .where(Visit.joined_id == visit.joined_id, Visit.id != visit.id)
        .order_by(Visit.id)
    ).all()
