"""What stages, slots and open or closed doors are called on the page."""

from datetime import date

from campaigns.rules import Door, Plan, ProtectionArea, SlotKind, Stage
from core.i18n import in_english
from core.i18n import lazy as _l
from core.show import day

STAGES = {
    Stage.DRAFT: _l("草稿"),
    Stage.SAFEGUARDING_REVIEW: _l("待审核"),
    Stage.APPROVED: _l("已通过审核"),
    Stage.RECRUITING: _l("招募中"),
    Stage.RUNNING: _l("走访中"),
    Stage.WRAP_UP: _l("收尾中"),
    Stage.PUBLISHED_REPORT: _l("已公布总结"),
    Stage.ARCHIVED: _l("往期"),
    Stage.SUSPENDED: _l("已暂停"),
    Stage.CANCELLED: _l("已取消"),
}
STAGE_TONES = {
    Stage.DRAFT: "",
    Stage.SAFEGUARDING_REVIEW: "warn",
    Stage.APPROVED: "info",
    Stage.RECRUITING: "ok",
    Stage.RUNNING: "ok",
    Stage.WRAP_UP: "info",
    Stage.PUBLISHED_REPORT: "",
    Stage.ARCHIVED: "",
    Stage.SUSPENDED: "danger",
    Stage.CANCELLED: "danger",
}
PROTECTIONS = {
    ProtectionArea.FAMILY: _l("家庭保护"),
    ProtectionArea.SCHOOL: _l("学校保护"),
    ProtectionArea.SOCIAL: _l("社会保护"),
    ProtectionArea.ONLINE: _l("网络保护"),
    ProtectionArea.GOVERNMENT: _l("政府保护"),
    ProtectionArea.JUDICIAL: _l("司法保护"),
}
PLANS = {
    Plan.GUARDIANSHIP: _l("家庭监护提能计划"),
    Plan.GROWTH: _l("强国有我成长计划"),
    Plan.INTERNET: _l("清网整治护航计划"),
    Plan.WARMTH: _l("爱心圆梦温暖计划"),
    Plan.LEGAL: _l("法治护苗关爱计划"),
}
SLOT_KINDS = {
    SlotKind.PAIRING_VISITS: _l("结对走访"),
    SlotKind.GROUP_ACTIVITY: _l("集体活动"),
}
SLOT_HINTS = {
    SlotKind.PAIRING_VISITS: _l("两名志愿者一组，定期看望同一个孩子"),
    SlotKind.GROUP_ACTIVITY: _l("在儿童之家或工作站，和一群孩子一起活动"),
}
DOORS = {
    Door.UPCOMING: _l("即将开始报名"),
    Door.OPEN: _l("报名中"),
    Door.FULL: _l("名额已满"),
    Door.CLOSED: _l("报名已结束"),
}
DOOR_TONES = {Door.UPCOMING: "info", Door.OPEN: "ok", Door.FULL: "warn", Door.CLOSED: ""}


def told_days(first: date, last: date) -> str:
    """Return a stretch of days: 2027年1月16日—2月21日, 16 Jan – 21 Feb 2027."""
    if first == last:
        return day(first)
    if in_english():
        year = "" if first.year == last.year else f" {first.year}"
        return f"{first.day} {first:%b}{year} – {last.day} {last:%b} {last.year}"
    year = "" if first.year == last.year else f"{last.year}年"
    return f"{first.year}年{first.month}月{first.day}日—{year}{last.month}月{last.day}日"
