"""Lists of volunteers that may leave the site: the roster and the hours, by one's own desk."""

from datetime import date

from sqlalchemy import func, select

from accounts.exports.rules import ExportKind, Table
from accounts.models import Person
from accounts.rules import Actor, Role
from core import clock
from core.db import db
from core.i18n import _
from core.i18n import lazy as _l
from places.models import Organisation
from volunteers.hours.models import HourEntry
from volunteers.hours.queries import totals
from volunteers.labels import STATUSES
from volunteers.models import Volunteer
from volunteers.queries import visible
from volunteers.roster.labels import TABS
from volunteers.roster.queries import Desk, desk_of, everybody, soon
from volunteers.roster.rules import Tab

ROLES = (Role.COORDINATOR, Role.ORG_LEAD)


def _desk(person: Actor, asked: str) -> Desk:
    """Return the desk asked for, of those that may export."""
    desk = desk_of(person, asked)
    if desk.role in ROLES:
        return desk
    return Desk(person, next(role for role in ROLES if person.has(role)), soon(clock.today()))


def roster(person: Actor, filters: dict[str, str]) -> Table:
    """Return the roster; only a coordinator's tells how to reach people."""
    desk = _desk(person, filters.get("desk", ""))
    tab = next((one for one in desk.tabs if one == filters.get("status")), Tab.ALL)
    q = filters.get("q", "")
    rows = everybody(desk, tab=tab, q=q)
    minutes = totals([row.id for row in rows])
    columns = [
        ("number", _("编号")),
        ("name", _("姓名")),
        ("status", _("状态")),
        ("org", _("学校或组织")),
        ("hours", _("服务时长（小时）")),
    ]
    if desk.sees_contact:
        columns += [("phone", _("手机号")), ("email", _("邮箱"))]
    return Table(
        columns,
        [
            [
                row.number,
                row.name,
                str(STATUSES[row.status]),
                row.org,
                round(minutes.get(row.id, 0) / 60, 1),
                *([row.phone or "", row.email or ""] if desk.sees_contact else []),
            ]
            for row in rows
        ],
        [(_("状态"), str(TABS[tab])), *([(_("查找"), q)] if q else [])],
    )


def hours(person: Actor, filters: dict[str, str]) -> Table:
    """Return what each volunteer has served in a year, this one unless another is named."""
    year = _year(filters.get("year", ""))
    rows = db.session.execute(
        select(
            Volunteer.number,
            Person.name,
            func.coalesce(Organisation.name, Volunteer.org_text).label("org"),
            func.count(HourEntry.id).label("times"),
            func.sum(HourEntry.minutes).label("minutes"),
        )
        .join(HourEntry, HourEntry.volunteer_id == Volunteer.id)
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(Organisation, Organisation.id == Volunteer.org_id)
        .where(
            visible(person, *(role for role in ROLES if person.has(role))),
            HourEntry.served_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(
            Volunteer.id, Volunteer.number, Person.name, Organisation.name, Volunteer.org_text
        )
        .order_by(Volunteer.id)
    )
    return Table(
        [
            ("number", _("编号")),
            ("name", _("姓名")),
            ("org", _("学校或组织")),
            ("times", _("服务次数")),
            ("hours", _("服务时长（小时）")),
        ],
        [[*row[:4], round(row.minutes / 60, 1)] for row in rows],
        [(_("年份"), str(year))],
    )


def _year(asked: str) -> int:
    fits = asked.isascii() and asked.isdigit() and 2000 <= int(asked) <= 2100
    return int(asked) if fits else clock.today().year


ROSTER = ExportKind("volunteers", _l("志愿者名单"), ROLES, ("desk", "status", "q"), roster)
HOURS = ExportKind("hours", _l("服务时长"), ROLES, ("year",), hours)
