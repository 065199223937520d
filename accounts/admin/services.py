"""What administrators may do: staff accounts, roles, and the values rules use."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from accounts import services
from accounts.models import Person
from accounts.rules import LEVELS, Actor, Role
from accounts.services import NewPerson, Office
from accounts.sessions.services import end_all
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import Parameter, ParameterValue, declared
from places.queries import named


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value for a parameter, as typed, from a day on."""

    name: str
    text: str
    effective_from: date
    source: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A role with its place as typed: names of areas from large to small."""

    role: Role
    area_text: str
    org_id: int | None


def give_role(person_uid: str, seat: Seat, *, by: Actor, reason: str) -> None:
    """Give somebody a role where it may be held. Nobody gives a role to themselves."""
    with transaction() as session:
        person_id = session.scalar(select(Person.id).where(Person.uid == person_uid))
        if person_id is None:
            raise NotYours
        if person_id == by.id:
            raise RuleBroken(_("不能给自己授予角色，请另一位管理员办理"))
        services.grant(person_id, _office(seat), by=by, reason=reason)


def _office(seat: Seat) -> Office:
    """Find the one area that was meant. Raises RuleBroken."""
    level = LEVELS.get(seat.role)
    areas = [area for area in named(seat.area_text) if level in {None, area.level}]
    if level is not None and not areas:
        raise RuleBroken(_("没有找到这个角色该负责的地区，请检查名称和级别"))
    if len(areas) > 1:
        raise RuleBroken(_("有 %(n)d 个同名的地区，请把上一级也写上", n=len(areas)))
    if seat.role is Role.ORG_LEAD and seat.org_id is None:
        raise RuleBroken(_("组织负责人要选所属组织"))
    return Office(seat.role, areas[0].id if areas else None, seat.org_id)


def add_staff(new: NewPerson, seat: Seat, *, by: Actor) -> str:
    """Add a member of staff with a first role; return the uid. They sign in by link or code."""
    if not (new.phone or new.email):
        raise RuleBroken(_("手机号和邮箱至少填一个"))
    office = _office(seat)
    with transaction() as session:
        person_id = services.add_person(new)
        services.grant(person_id, office, by=by, reason=_("新增人员"))
        audit.record("add_person", "person", person_id, by=by.id)
        return session.get_one(Person, person_id).uid


def disable(person_uid: str, *, by: Actor, reason: str) -> None:
    """Shut somebody out at once, everywhere."""
    with transaction() as session:
        person_id = session.scalar(
            update(Person)
            .where(Person.uid == person_uid, Person.disabled_at.is_(None), Person.id != by.id)
            .values(disabled_at=clock.now())
            .returning(Person.id)
        )
        if person_id is None:
            raise RuleBroken(_("这个账号已停用，或是您自己的账号"))
        end_all(person_id, by=by)
        audit.record("disable", "person", person_id, by=by.id, reason=reason)


def set_parameter(new: NewValue, *, by: Actor) -> None:
    """Set a rule's value from a day on; a day already set is not written over."""
    known = {parameter.name: parameter for parameter in declared()}
    if new.name not in known:
        raise NotYours
    value = _like(known[new.name], new.text)
    with transaction():
        made = insert_once(
            ParameterValue,
            name=new.name,
            effective_from=new.effective_from,
            value={"value": value},
            source=new.source,
            set_by=by.id,
        )
        if made is None:
            raise RuleBroken(_("这一天已经设过值，请换一个生效日期"))
        audit.record("set_parameter", "parameter", new.name, by=by.id, reason=new.source)


def _like(parameter: Parameter, text: str) -> Any:
    """Read a typed value as the same kind of thing as the declared one."""
    try:
        value = json.loads(text) if not isinstance(parameter.default, str) else text
    except ValueError as error:
        raise RuleBroken(_("看不懂这个值，请照现行值的写法填写")) from error
    numbers = isinstance(value, int | float) and isinstance(parameter.default, int | float)
    same = type(value) is type(parameter.default) or (numbers and not isinstance(value, bool))
    if not same or (isinstance(value, int | float) and value < 0):
        raise RuleBroken(_("值的类型不对，请照现行值的写法填写"))
    return value
