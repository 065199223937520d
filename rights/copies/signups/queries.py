"""What somebody signed up for, and the days on which they came."""

from dataclasses import replace

from sqlalchemy import select

from campaigns.models import Campaign, Slot
from campaigns.signups.day.models import Attendance
from campaigns.signups.models import SignUp
from core.i18n import _
from places.queries import shown
from rights.copies.rules import Section
from rights.copies.sections.queries import section


def sign_ups(person_id: int) -> Section:
    columns = (
        ("campaign", _("活动")),
        ("name", _("姓名")),
        ("contact", _("联系方式")),
        ("organisation", _("学校或单位")),
        ("state", _("状态")),
        ("created_at", _("报名时间")),
        ("promised_at", _("说了会来")),
    )
    asked = (
        select(
            Campaign.title,
            SignUp.name,
            SignUp.contact,
            SignUp.org_text,
            SignUp.state,
            SignUp.created_at,
            SignUp.promised_at,
            Campaign.title_en,
        )
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .where(SignUp.person_id == person_id)
        .order_by(SignUp.id.desc())
    )
    found = section("sign_ups", _("报名"), columns, asked)
    rows = [(shown(str(row[0]), str(row[-1])), *row[1:-1]) for row in found.rows]
    return replace(found, rows=rows)


def days(person_id: int) -> Section:
    """When somebody came to what they had signed up for."""
    columns = (
        ("campaign", _("活动")),
        ("day", _("日期")),
        ("arrived_at", _("到场时间")),
        ("left_at", _("离开时间")),
    )
    asked = (
        select(
            Campaign.title,
            Attendance.day,
            Attendance.arrived_at,
            Attendance.left_at,
            Campaign.title_en,
        )
        .join(SignUp, SignUp.id == Attendance.sign_up_id)
        .join(Slot, Slot.id == SignUp.slot_id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .where(SignUp.person_id == person_id)
        .order_by(Attendance.id.desc())
    )
    found = section("attendances", _("到场的日子"), columns, asked)
    rows = [(shown(str(row[0]), str(row[-1])), *row[1:-1]) for row in found.rows]
    return replace(found, rows=rows)
