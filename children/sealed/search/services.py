"""Finding a child by its exact name or its guardian's phone, without opening anybody's."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, select

from accounts.rules import Actor
from children.models import Child
from children.queries import LIVING, visible
from children.sealed.models import ChildSealed
from children.sealed.rules import LOOKED_UP, SealedField
from children.sealed.services import blinds
from core import audit
from core.db import AnyRow, transaction
from core.errors import RuleBroken
from core.fences import everything
from core.i18n import _

MOST = 20


def search(wanted: Mapping[SealedField, str], *, by: Actor) -> Sequence[AnyRow]:
    """Return the files that have exactly these texts, among those one answers for.

    Every search leaves a row: one for each file found, or one that says nothing was.
    Raises RuleBroken.
    """
    if not wanted:
        raise RuleBroken(_("姓名和电话至少填一个"))
    with transaction() as session:
        found = session.execute(
            select(Child.uid, Child.alias, Child.village_id, Child.state)
            .join(ChildSealed, ChildSealed.child_id == Child.id)
            .where(visible(by), matches(wanted))
            .order_by(Child.id)
            .limit(MOST)
        ).all()
        for ref in [row.uid for row in found] or [""]:
            audit.record("children_searched", "child", ref, by=by.id, fields=sorted(wanted))
    return found


def matches(wanted: Mapping[SealedField, str]) -> ColumnElement[bool]:
    """Return the condition that a sealed part has exactly these texts."""
    return and_(
        *(
            getattr(ChildSealed, f"{field}_index").in_(blinds(field, text))
            for field, text in wanted.items()
        )
    )


def twin_of(child: Child, texts: Mapping[SealedField, str]) -> bool:
    """Whether another living file of the county has the same name and the same phone.

    One of the two alone says little: brothers share a phone, and names are not rare.
    """
    if not set(LOOKED_UP) <= set(texts):
        return False
    same = {field: texts[field] for field in LOOKED_UP}
    with everything(), transaction() as session:  # whether there is one, not which
        found = session.scalar(
            select(Child.id)
            .join(ChildSealed, ChildSealed.child_id == Child.id)
            .where(
                Child.county_id == child.county_id,
                Child.id != child.id,
                Child.state.in_(LIVING),
                matches(same),
            )
            .limit(1)
        )
    return found is not None
