"""Everything that is kept about somebody who signs in, room by room; nothing of any child."""

from dataclasses import replace

from sqlalchemy import select

from accounts.models import Person, RoleGrant, SignInSession
from core.audit import AuditRow
from core.db import db
from core.i18n import _
from messages.models import InboxItem
from places.queries import area_names
from rights.copies.calendars.queries import of_calendars
from rights.copies.contacts.queries import answers, contacts
from rights.copies.rules import Cell, Section
from rights.copies.sections.queries import section
from rights.copies.signups.queries import days, sign_ups
from rights.copies.teams.queries import of_teams
from visits.models import Party, Visit
from volunteers.certificates.models import Certificate
from volunteers.hours.models import HourEntry
from volunteers.models import Evidence, FreeTime, Volunteer
from volunteers.students.queries import ever


def everything(person_id: int) -> list[Section]:
    """Return all that is kept about a person, empty sections left out."""
    volunteer = db.session.scalar(select(Volunteer).where(Volunteer.person_id == person_id))
    found = [
        _person(person_id),
        _roles(person_id),
        _sessions(person_id),
        *(_of_volunteer(volunteer) if volunteer else ()),
        sign_ups(person_id),
        days(person_id),
        _visits(person_id),
        answers(person_id),
        contacts(person_id),
        *of_calendars(person_id),
        _inbox(person_id),
        _deeds(person_id),
    ]
    return [section for section in found if section.rows]


def _person(person_id: int) -> Section:
    columns = (
        ("name", _("姓名")),
        ("phone", _("手机号")),
        ("email", _("邮箱")),
        ("language", _("语言")),
        ("created_at", _("加入时间")),
    )
    asked = select(
        Person.name, Person.phone, Person.email, Person.language, Person.created_at
    ).where(Person.id == person_id)
    return section("person", _("账户"), columns, asked)


def _roles(person_id: int) -> Section:
    columns = (
        ("role", _("角色")),
        ("place", _("地区")),
        ("from", _("从")),
        ("until", _("到")),
        ("ended_at", _("结束时间")),
    )
    asked = (
        select(
            RoleGrant.role,
            RoleGrant.area_id,
            RoleGrant.from_on,
            RoleGrant.until_on,
            RoleGrant.ended_at,
        )
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.id.desc())
    )
    found = section("roles", _("角色"), columns, asked)
    areas = [row[1] if isinstance(row[1], int) else None for row in found.rows]
    named = area_names(areas)
    rows = [(row[0], named[area], *row[2:]) for row, area in zip(found.rows, areas, strict=True)]
    return replace(found, rows=rows)


def _sessions(person_id: int) -> Section:
    columns = (
        ("device", _("设备")),
        ("created_at", _("登录时间")),
        ("expires_at", _("到期时间")),
        ("ended_at", _("结束时间")),
    )
    asked = (
        select(
            SignInSession.agent,
            SignInSession.created_at,
            SignInSession.expires_at,
            SignInSession.ended_at,
        )
        .where(SignInSession.person_id == person_id)
        .order_by(SignInSession.id.desc())
    )
    return section("sessions", _("登录的设备"), columns, asked)


def _of_volunteer(volunteer: Volunteer) -> list[Section]:
    profile = (
        ("number", _("志愿者编号")),
        ("status", _("状态")),
        ("county", _("地区")),
        ("organisation", _("学校或单位")),
        ("sex", _("性别")),
        ("birth_year", _("出生年份")),
        ("skills", _("能做什么")),
        ("capacity", _("最多陪伴几个孩子")),
        ("wants_team", _("愿意再加入一个小组")),
        ("applied_at", _("报名时间")),
    )
    row: tuple[Cell, ...] = (
        volunteer.number,
        volunteer.status.value,
        area_names([volunteer.county_id])[volunteer.county_id],
        volunteer.org_text,
        volunteer.sex.value if volunteer.sex else None,
        volunteer.birth_year,
        list(volunteer.skills),
        volunteer.capacity,
        volunteer.wants_team,
        volunteer.applied_at,
    )
    return [
        Section("volunteer", _("志愿者资料"), profile, [row]),
        _evidence(volunteer.id),
        _free_times(volunteer.id),
        *of_teams(volunteer.id),
        _hours(volunteer.id),
        _certificates(volunteer.id),
        _studies(volunteer.person_id),
    ]


def _evidence(volunteer_id: int) -> Section:
    columns = (
        ("kind", _("手续")),
        ("outcome", _("结果")),
        ("dated", _("日期")),
        ("valid_until", _("有效期至")),
        ("reference", _("编号")),
        ("voided_at", _("作废时间")),
    )
    asked = (
        select(
            Evidence.kind,
            Evidence.outcome,
            Evidence.dated,
            Evidence.valid_until,
            Evidence.reference,
            Evidence.voided_at,
        )
        .where(Evidence.volunteer_id == volunteer_id)
        .order_by(Evidence.id.desc())
    )
    return section("evidence", _("办过的手续"), columns, asked)


def _free_times(volunteer_id: int) -> Section:
    columns = (
        ("period", _("时期")),
        ("weekday", _("星期（0 是周一）")),
        ("start_minute", _("开始（零点起的分钟）")),
        ("end_minute", _("结束（零点起的分钟）")),
    )
    asked = select(
        FreeTime.period, FreeTime.weekday, FreeTime.start_minute, FreeTime.end_minute
    ).where(FreeTime.volunteer_id == volunteer_id)
    return section("free_times", _("空闲时间"), columns, asked.order_by(FreeTime.id))


def _studies(person_id: int) -> Section:
    days = (("since", _("从哪天起")), ("until", _("有效期至")), ("ended_at", _("撤回时间")))
    columns = (("school", _("学校")), ("how", _("办法")), *days)
    return section("studies", _("学生身份"), columns, ever(person_id))


def _hours(volunteer_id: int) -> Section:
    columns = (
        ("served_on", _("服务日期")),
        ("minutes", _("分钟")),
        ("credited_at", _("计入时间")),
    )
    asked = (
        select(HourEntry.served_on, HourEntry.minutes, HourEntry.credited_at)
        .where(HourEntry.volunteer_id == volunteer_id)
        .order_by(HourEntry.id.desc())
    )
    return section("hours", _("服务时长"), columns, asked)


def _certificates(volunteer_id: int) -> Section:
    columns = (
        ("number", _("编号")),
        ("state", _("状态")),
        ("from_on", _("从")),
        ("until_on", _("到")),
        ("minutes", _("分钟")),
        ("asked_at", _("申请日期")),
        ("issued_at", _("开出日期")),
        ("reason", _("理由")),
    )
    asked = (
        select(
            Certificate.number,
            Certificate.state,
            Certificate.from_on,
            Certificate.until_on,
            Certificate.minutes,
            Certificate.asked_at,
            Certificate.issued_at,
            Certificate.reason,
        )
        .where(Certificate.volunteer_id == volunteer_id)
        .order_by(Certificate.id.desc())
    )
    return section("certificates", _("时长证明"), columns, asked)


def _visits(person_id: int) -> Section:
    """When somebody took part, not whom they visited: that is the child's data."""
    columns = (
        ("starts_at", _("开始")),
        ("ends_at", _("结束")),
        ("state", _("状态")),
        ("checked_in_at", _("签到时间")),
        ("checked_out_at", _("签退时间")),
    )
    asked = (
        select(
            Visit.starts_at,
            Visit.ends_at,
            Visit.state,
            Party.checked_in_at,
            Party.checked_out_at,
        )
        .join(Party, Party.visit_id == Visit.id)
        .where(Party.person_id == person_id)
        .order_by(Visit.starts_at.desc())
    )
    return section("visits", _("走访"), columns, asked)


def _inbox(person_id: int) -> Section:
    columns = (("kind", _("类别")), ("created_at", _("时间")), ("read_at", _("读过的时间")))
    asked = (
        select(InboxItem.kind, InboxItem.created_at, InboxItem.read_at)
        .where(InboxItem.person_id == person_id)
        .order_by(InboxItem.id.desc())
    )
    return section("messages", _("消息"), columns, asked)


def _deeds(person_id: int) -> Section:
    """What somebody did here: the deed and the moment, without what it was done to."""
    columns = (("action", _("动作")), ("kind", _("对象")), ("at", _("时间")))
    asked = (
        select(AuditRow.action, AuditRow.kind, AuditRow.at)
        .where(AuditRow.actor_id == person_id)
        .order_by(AuditRow.id.desc())
    )
    return section("deeds", _("操作记录"), columns, asked)
