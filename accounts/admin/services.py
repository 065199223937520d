"""What administrators may do: staff accounts, roles, and the values rules use.

A role begins, and a rule is relaxed, when a second person agrees; ending and tightening act at
once.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from accounts import services
from accounts.admin import queries
from accounts.approvals.rules import Asked, Matter
from accounts.approvals.services import Request, ask
from accounts.factors import services as factors
from accounts.links import services as links
from accounts.models import Person
from accounts.queries import actor_for, person_by_contact
from accounts.rules import LEVELS, SITE, STAFF, Actor, Role
from accounts.services import NewPerson, Office
from accounts.sessions.services import end_all
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, ParameterValue, declared, relaxes, value_on
from places.queries import named

ROLE, POLICY, FACTOR = "role", "policy", "factor"


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


def give_role(person_uid: str, seat: Seat, *, by: Actor, reason: str) -> str:
    """Ask for a role for somebody else; it begins when another administrator approves.

    Returns the request's uid. Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        person_id = session.scalar(select(Person.id).where(Person.uid == person_uid))
        if person_id is None:
            raise NotYours
        if person_id == by.id:
            raise RuleBroken(_("不能给自己授予角色，请另一位管理员办理"))
        return _ask_for(person_uid, person_id, office_of(seat), by=by, reason=reason)


def _ask_for(person_uid: str, person_id: int, office: Office, *, by: Actor, reason: str) -> str:
    where = {"area_id": office.area_id, "org_id": office.org_id}
    subject = f"{person_uid}/{office.role.value}/{office.area_id or ''}/{office.org_id or ''}"
    payload = {"person_id": person_id, "role": office.role.value} | where
    return ask(Request(ROLE, subject, payload, reason), by=by)


def _give(asked: Asked, _asker: Actor, decider: Actor) -> None:
    """Let a role begin that two administrators agree on. Raises RuleBroken."""
    given = asked.payload
    if given["person_id"] == decider.id:
        raise RuleBroken(_("不能批准给自己的角色，请另一位管理员办理"))
    office = Office(Role(given["role"]), given["area_id"], given["org_id"])
    services.grant(given["person_id"], office, by=decider, reason=asked.reason[:200])


def grant_by_hand(login: str, seat: Seat, *, reason: str) -> None:
    """Give a role from the machine itself, the second key of a site with one administrator."""
    with transaction():
        email = login if "@" in login else None
        found = person_by_contact(phone=None if email else login, email=email)
        if found is None:
            raise RuleBroken(_("没有这个手机号或邮箱的账号"))
        services.grant(found.id, office_of(seat), by=SITE, reason=reason)


def office_of(seat: Seat) -> Office:
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


def add_staff(new: NewPerson, seat: Seat, *, by: Actor, reason: str) -> str:
    """Add a member of staff and ask for their first role; return the person's uid.

    They can sign in by link or code, and may do nothing until another administrator approves.
    """
    if not (new.phone or new.email):
        raise RuleBroken(_("手机号和邮箱至少填一个"))
    office = office_of(seat)
    with transaction() as session:
        person_id = services.add_person(new)
        audit.record("add_person", "person", person_id, by=by.id)
        uid = session.get_one(Person, person_id).uid
        _ask_for(uid, person_id, office, by=by, reason=reason)
        return uid


def reset_factor(person_uid: str, *, by: Actor, reason: str) -> str | None:
    """Take away a second factor that somebody has lost. Raises NotYours, RuleBroken.

    With it and a sign-in code one administrator could be any other person, so of staff it takes
    two: returns the request's uid then.
    """
    with transaction() as session:
        person_id = session.scalar(select(Person.id).where(Person.uid == person_uid))
        if person_id is None:
            raise NotYours
        if person_id == by.id or not actor_for(person_id).has(*STAFF):
            factors.reset(person_id, by=by, reason=reason)
            return None
        return ask(Request(FACTOR, person_uid, {"person_id": person_id}, reason), by=by)


def _reset(asked: Asked, _asker: Actor, decider: Actor) -> None:
    factors.reset(asked.payload["person_id"], by=decider, reason=asked.reason)


def make_code(person_id: int, *, by: Actor, tell: Callable[[int], object]) -> str:
    """Return a code to read out to somebody; never for an administrator, who approves for others.

    They are told that there is one: who did not ask for it learns of it. Raises RuleBroken.
    """
    if actor_for(person_id).has(Role.ADMIN):
        raise RuleBroken(
            _("管理员不用登录码。忘了密码的，请掌管服务器的人用 accounts sign-in-link 给一个链接")
        )
    with transaction():
        tell(person_id)
        return links.make_code(person_id, by=by)


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


def set_parameter(new: NewValue, *, by: Actor) -> str | None:
    """Set a rule's value from a day on; a day already set is not written over.

    What protects less than the value of that day waits for another person: returns the request's
    uid then, and None when the value has been set.
    """
    parameter = _declared(new.name)
    value = _like(parameter, new.text)
    with transaction():
        if not relaxes(parameter.stricter, value_on(new.name, new.effective_from), value):
            _set(new.name, value, new.effective_from, new.source, by=by)
            return None
        day = new.effective_from.isoformat()
        payload = {"name": new.name, "value": value, "day": day, "source": new.source}
        return ask(Request(POLICY, new.name, payload, new.source), by=by)


def _relax(asked: Asked, asker: Actor, _decider: Actor) -> None:
    """Set a value that two people agree on: never for days that have passed meanwhile."""
    given = asked.payload
    _declared(given["name"])
    day = max(date.fromisoformat(given["day"]), clock.today())
    _set(given["name"], given["value"], day, given["source"], by=asker)


def _declared(name: str) -> Parameter:
    found = next((one for one in declared() if one.name == name), None)
    if found is None:
        raise NotYours
    return found


def _set(name: str, value: Any, day: date, source: str, *, by: Actor) -> None:
    with transaction():
        made = insert_once(
            ParameterValue,
            name=name,
            effective_from=day,
            value={"value": value},
            source=source,
            set_by=by.id,
        )
        if made is None:
            raise RuleBroken(_("这一天已经设过值，请换一个生效日期"))
        audit.record("set_parameter", "parameter", name, by=by.id, reason=source)


def _like(parameter: Parameter, text: str) -> Any:
    """Read a typed value as the same kind of thing as the declared one."""
    try:
        value = json.loads(text) if not isinstance(parameter.default, str) else text
    except ValueError as error:
        raise RuleBroken(_("看不懂这个值，请照现行值的写法填写")) from error
    numbers = isinstance(value, int | float) and isinstance(parameter.default, int | float)
    same = type(value) is type(parameter.default) or (numbers and not isinstance(value, bool))
    if not same or (isinstance(value, int | float) and not 0 <= value < math.inf):
        raise RuleBroken(_("值的类型不对，请照现行值的写法填写"))
    return value


MATTERS = (
    Matter(
        ROLE,
        _l("授予角色"),
        askers=(Role.ADMIN,),
        approvers=(Role.ADMIN,),
        facts=queries.role_facts,
        carry_out=_give,
    ),
    Matter(
        FACTOR,
        _l("重置工作人员的二次验证"),
        askers=(Role.ADMIN,),
        approvers=(Role.ADMIN,),
        facts=queries.person_facts,
        carry_out=_reset,
    ),
    Matter(
        POLICY,
        _l("放宽规则参数"),
        askers=(Role.CITY_COORDINATOR,),
        approvers=(Role.CITY_COORDINATOR, Role.SAFEGUARDING_LEAD),
        facts=queries.policy_facts,
        carry_out=_relax,
    ),
)
