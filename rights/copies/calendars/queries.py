"""What is kept about somebody's calendars: the addresses that read visits, and busy times."""

from sqlalchemy import select

from core.i18n import _
from rights.copies.rules import Section
from rights.copies.sections.queries import section
from visits.busy.models import BusyImport, BusyTime
from visits.feeds.models import CalendarFeed, InvitationWish


def of_calendars(person_id: int) -> list[Section]:
    return [_feeds(person_id), _invitations(person_id), _brought(person_id), _busy(person_id)]


def _feeds(person_id: int) -> Section:
    columns = (
        ("name", _("名字")),
        ("reach", _("放哪些走访")),
        ("made_at", _("时间")),
        ("read_at", _("最近读取")),
        ("revoked_at", _("作废时间")),
    )
    asked = (
        select(
            CalendarFeed.name,
            CalendarFeed.reach,
            CalendarFeed.made_at,
            CalendarFeed.read_at,
            CalendarFeed.revoked_at,
        )
        .where(CalendarFeed.person_id == person_id)
        .order_by(CalendarFeed.id.desc())
    )
    return section("calendar_feeds", _("日历链接"), columns, asked)


def _invitations(person_id: int) -> Section:
    asked = select(InvitationWish.asked_at).where(InvitationWish.person_id == person_id)
    return section("invitations", _("日历邀请"), (("asked_at", _("时间")),), asked)


def _brought(person_id: int) -> Section:
    columns = (
        ("loaded_at", _("时间")),
        ("until_at", _("到")),
        ("left_out", _("看不懂的日程")),
    )
    asked = select(BusyImport.loaded_at, BusyImport.until_at, BusyImport.left_out).where(
        BusyImport.person_id == person_id
    )
    return section("busy_imports", _("导入的日历"), columns, asked)


def _busy(person_id: int) -> Section:
    columns = (("starts_at", _("开始")), ("ends_at", _("结束")))
    asked = (
        select(BusyTime.starts_at, BusyTime.ends_at)
        .where(BusyTime.person_id == person_id)
        .order_by(BusyTime.starts_at.desc())
    )
    return section("busy_times", _("没空的时间"), columns, asked)
