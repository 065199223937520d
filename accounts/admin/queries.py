"""What administrators look at."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from accounts.models import Person, RoleGrant
from accounts.queries import holds_now
from accounts.rules import Role
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.forms import narrow
from core.paging import Page, page_of
from core.parameters import ParameterValue
from places.models import Area, Organisation, Post


def people(*, q: str, role: str, after: str | None) -> Page[AnyRow]:
    """Return a page of people: by name, whole phone or address, and by a role held now."""
    listed = select(Person.uid, Person.name, Person.phone, Person.email, Person.disabled_at)
    if q:
        same = narrow(q)
        listed = listed.where(
            or_(
                Person.name.contains(q, autoescape=True),
                Person.phone == same,
                Person.email == same.lower(),
            )
        )
    if role in set(Role):
        held = select(RoleGrant.person_id).where(RoleGrant.role == Role(role), holds_now())
        listed = listed.where(Person.id.in_(held))
    return page_of(listed, [Person.id], after=after)


def person(uid: str) -> Person:
    """Return a person. Raises NotYours."""
    found = db.session.scalar(select(Person).where(Person.uid == uid))
    if found is None:
        raise NotYours
    return found


def grants(person_id: int) -> Sequence[AnyRow]:
    """Return every role somebody has held, the newest first, with the names of its places."""
    return db.session.execute(
        select(RoleGrant, Area.name, Organisation.name)
        .outerjoin(Area, Area.id == RoleGrant.area_id)
        .outerjoin(Organisation, Organisation.id == RoleGrant.org_id)
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.id.desc())
    ).all()


def parameter_rows() -> Sequence[ParameterValue]:
    """Return every value that has been set, the newest day first."""
    return db.session.scalars(
        select(ParameterValue).order_by(ParameterValue.name, ParameterValue.effective_from.desc())
    ).all()


def _vacant() -> AnySelect:
    held = select(RoleGrant.post_id).where(RoleGrant.post_id.is_not(None), holds_now())
    return (
        select(Post.kind, Area.name, Area.name_en)
        .join(Area, Area.id == Post.area_id)
        .where(Post.id.not_in(held))
    )


def posts_without_holder() -> int:
    """Return how many posts nobody holds today."""
    return db.session.scalar(select(func.count()).select_from(_vacant().subquery())) or 0


def vacancies(*, after: str | None) -> Page[AnyRow]:
    """Return a page of the posts nobody holds today."""
    return page_of(_vacant(), [Post.id], after=after)
