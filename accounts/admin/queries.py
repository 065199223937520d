"""What administrators look at."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from accounts.labels import ROLES
from accounts.models import Person, RoleGrant
from accounts.queries import holds_now, names
from accounts.rules import Role
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.forms import narrow
from core.i18n import _
from core.paging import Page, page_of
from core.parameters import ParameterValue, declared, value_on
from core.show import listed as in_a_line
from places.models import Organisation, Post
from places.queries import area_paths, shown


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
    """Return every role somebody has held, the newest first, and its organisation's name."""
    return db.session.execute(
        select(RoleGrant, Organisation.name)
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
    return select(Post.kind, Post.area_id).where(Post.id.not_in(held))


def posts_without_holder() -> int:
    """Return how many posts nobody holds today."""
    return db.session.scalar(select(func.count()).select_from(_vacant().subquery())) or 0


def vacancies(*, after: str | None) -> Page[AnyRow]:
    """Return a page of the posts nobody holds today."""
    return page_of(_vacant(), [Post.id], after=after)


def role_facts(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return in words which role is asked for, for whom and where."""
    org = db.session.get(Organisation, payload["org_id"]) if payload["org_id"] else None
    place = area_paths([payload["area_id"]])[payload["area_id"]]
    return [
        (_("给谁"), names([payload["person_id"]])[payload["person_id"]]),
        (_("角色"), str(ROLES[Role(payload["role"])])),
        (_("负责的地区"), place or _("全站")),
        *([(_("所属组织"), shown(org.name, org.name_en))] if org else []),
    ]


def person_facts(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return in words whom a request is about."""
    return [(_("涉及的人"), names([payload["person_id"]])[payload["person_id"]])]


def policy_facts(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return in words which value of a rule is to be relaxed, from what to what."""
    name, day = payload["name"], date.fromisoformat(payload["day"])
    known = next((one for one in declared() if one.name == name), None)
    return [
        (_("参数"), str(known.meaning) if known else name),
        (_("现行值"), str(in_a_line(value_on(name, day))) if known else ""),
        (_("新的值"), str(in_a_line(payload["value"]))),
        (_("从哪天起"), payload["day"]),
        (_("依据"), payload["source"]),
    ]


def other_administrators(person_id: int | None) -> int:
    """Return how many administrators there are besides somebody: who could approve a role."""
    counted = (
        select(func.count(Person.id.distinct()))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == Role.ADMIN,
            holds_now(),
            Person.disabled_at.is_(None),
            Person.id != person_id,
        )
    )
    return db.session.scalar(counted) or 0
