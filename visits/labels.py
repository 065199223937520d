"""What states, places, reasons and problems are called on the page."""

from collections.abc import Mapping
from datetime import datetime

from core.i18n import _
from core.i18n import lazy as _l
from core.zone import CHINA
from places.days.rules import DayKind
from visits.agenda.rules import Late, Tab
from visits.limits.rules import Limits
from visits.planning.rules import Problem, Why
from visits.rules import CancelReason, Mood, NeedChange, PlaceKind, State

STATES = {
    State.PLANNED: _l("待确认"),
    State.CONFIRMED: _l("已确认"),
    State.IN_PROGRESS: _l("进行中"),
    State.COMPLETED: _l("待记录"),
    State.RECORDED: _l("记录待审核"),
    State.APPROVED: _l("已完成"),
    State.CANCELLED: _l("已取消"),
    State.NO_SHOW: _l("未成行"),
}
TONES = {
    State.PLANNED: "warn",
    State.CONFIRMED: "ok",
    State.IN_PROGRESS: "accent",
    State.COMPLETED: "warn",
    State.RECORDED: "info",
    State.APPROVED: "ok",
    State.CANCELLED: "",
    State.NO_SHOW: "danger",
}
PLACES = {
    PlaceKind.STATION: _l("未保工作站"),
    PlaceKind.CHILDREN_HOUSE: _l("儿童之家"),
    PlaceKind.SCHOOL_ROOM: _l("学校里有老师在的房间"),
    PlaceKind.LIBRARY: _l("图书馆、文化站"),
    PlaceKind.HOME: _l("孩子家里（以上都不合适时）"),
}
CANCEL_REASONS = {
    CancelReason.VOLUNTEER: _l("志愿者来不了"),
    CancelReason.GUARDIAN: _l("监护人或照料人不方便"),
    CancelReason.CHILD: _l("孩子不想见面"),
    CancelReason.WEATHER: _l("天气或路况不安全"),
    CancelReason.HOLIDAY: _l("遇节假日或学校安排"),
    CancelReason.SAFEGUARDING: _l("出于安全考虑"),
    CancelReason.CONSENT_WITHDRAWN: _l("同意已撤回"),
    CancelReason.PAIRING_ENDED: _l("结对已结束"),
    CancelReason.TOO_FEW_LEFT: _l("剩下的人手不够"),
    CancelReason.SERIES_MOVED: _l("固定走访改了时间"),
}
MOODS = {
    Mood.GREAT: _l("很开心"),
    Mood.GOOD: _l("开心"),
    Mood.SO_SO: _l("一般"),
    Mood.BAD: _l("不开心"),
}
LATES = {
    Late.NOT_COME: _l("没有按时签到"),
    Late.NOT_GONE: _l("没有按时签退"),
    Late.ESCALATED: _l("久未签退，已升级"),
}
NEED_CHANGES = {
    NeedChange.NONE: _l("没有变化"),
    NeedChange.MET: _l("有一项已经解决"),
    NeedChange.NEW: _l("有新的需求"),
    NeedChange.CHANGED: _l("原来的需求变了"),
}
TABS = {
    Tab.UPCOMING: _l("即将走访"),
    Tab.RECORD: _l("待记录"),
    Tab.APPROVE: _l("记录待审核"),
    Tab.PAST: _l("以往走访"),
    Tab.CONFIRM: _l("等我确认"),
    Tab.UNCONFIRMED: _l("三天内未确认"),
    Tab.OVERDUE: _l("没有按时签到或签退"),
    Tab.DAY: _l("日子不合适了"),
    Tab.CLEARANCE: _l("手续会先到期"),
}
DAY_KINDS = {DayKind.HOLIDAY: _l("放假"), DayKind.MAKEUP_WORKDAY: _l("补班上课")}


def at(moment: datetime) -> str:
    """Return the time of day in China: 10:05."""
    return f"{moment.astimezone(CHINA):%H:%M}"


def number(visit_id: int) -> str:
    """Return what people call a visit by in a message or on the phone."""
    return f"{visit_id:06d}"


def words(problem: Problem, limits: Limits, names: Mapping[int | None, str]) -> str:
    """Return what stands against a plan, so that the reader knows what to change."""
    text = _about_time(problem.why, limits) or _about_people(problem.why, limits)
    name = names.get(problem.person_id, "") if problem.person_id else ""
    return _("%(name)s：%(problem)s", name=name, problem=text) if name else text


def _about_time(why: Why, limits: Limits) -> str:
    minutes = {
        Why.TOO_SHORT: int(limits.shortest.total_seconds() // 60),
        Why.TOO_LONG: int(limits.longest.total_seconds() // 60),
    }
    texts = {
        Why.TOO_SOON: _(
            "至少提前 %(hours)d 小时安排", hours=int(limits.notice.total_seconds() // 3600)
        ),
        Why.TOO_SHORT: _("一次走访至少 %(minutes)d 分钟", minutes=minutes[Why.TOO_SHORT]),
        Why.TOO_LONG: _("一次走访最多 %(minutes)d 分钟", minutes=minutes[Why.TOO_LONG]),
        Why.NOT_ONE_DAY: _("走访须在同一天内结束"),
        Why.OUT_OF_HOURS: _(
            "须在 %(first)s 到 %(last)s 之间；冬季 %(winter)s 前结束",
            first=f"{limits.first:%H:%M}",
            last=f"{limits.last:%H:%M}",
            winter=f"{limits.winter_last:%H:%M}",
        ),
        Why.MAKEUP_WORKDAY: _("这天是补班日，学校上课，不安排走访"),
        Why.CLASS_HOURS: _(
            "上学日要等放学（%(time)s）以后，或改到周末、假期",
            time=f"{limits.after_school:%H:%M}",
        ),
        Why.DARK_AFTER_SCHOOL: _(
            "上学日放学后天已黑（冬季 %(winter)s 前结束），请改到周末或假期",
            winter=f"{limits.winter_last:%H:%M}",
        ),
        Why.AT_BOARDING_SCHOOL: _("孩子住校，上学日不在家，请改到周末或假期"),
        Why.TOO_OFTEN: _("同一个孩子两次走访至少隔 %(days)d 天", days=limits.days_between),
        Why.EXAMS: _("这几天学校考试，不安排走访"),
        Why.BAD_WEATHER: _("这天天气或路况不安全，全县不走访"),
        Why.CHILD_BUSY: _("孩子这个时间已有别的走访"),
        Why.PERSON_BUSY: _("这个时间已有别的走访（含路上时间），或者自己说过没空"),
    }
    return texts.get(why, "")


def _about_people(why: Why, limits: Limits) -> str:
    return {
        Why.PAIRING_NOT_OPEN: _("这个结对现在不能安排走访：两边都同意、协议签齐后才安排首访"),
        Why.INTRO_AHEAD: _("首访还没结束，结束并审核通过后再安排下一次"),
        Why.OUTSIDE_PAIRING: _("日期不在结对的期限内"),
        Why.NO_CONSENT: _("走访那天，监护人或孩子的同意不在有效期内"),
        Why.NOT_IN_TEAM: _("不是这个小组的成员"),
        Why.NOT_ACTIVE: _("志愿者现在不是在岗状态"),
        Why.NOT_CLEARED: _("走访那天，查询、培训、承诺或保险有缺项或已过期"),
        Why.TOO_FEW_ADULTS: _(
            "至少要有 %(adults)d 名合格的成人，其中一名是本地陪同人", adults=limits.fewest_adults
        ),
        Why.NO_WOMAN: _("看望女孩，志愿者中至少要有一名女性"),
        Why.ESCORT_NOT_LOCAL: _("请选本村儿童主任或本乡镇儿童督导员陪同"),
        Why.BETTER_PLACE: _("乡镇有未保工作站，请先在那里见面；去家里要监护人事先同意"),
        Why.PLACE_NOT_IN_CONTRACT: _("这种地点不在这个结对的约定里"),
        Why.FIRST_WITH_TWO: _("最初几次走访，除陪同人外至少要有两名志愿者"),
        Why.TOO_MANY_FACES: _("孩子这一年认识的志愿者已经够多了，请由见过的人去"),
        Why.TOGETHER_AT_HOME: _("几个孩子一起走访不能去家里，请选工作站、儿童之家等地方"),
        Why.TOO_FEW_FOR_ALL: _(
            "这些孩子一起走访，成人不够：8 岁以下每 %(young)d 个、8 到 13 岁每 %(middle)d 个、"
            "14 岁以上每 %(older)d 个孩子至少一名成人",
            young=limits.ratio.young,
            middle=limits.ratio.middle,
            older=limits.ratio.older,
        ),
        Why.NOT_TOGETHER: _("不能和这个孩子一起走访"),
        Why.HOME_NOT_AGREED: _("去家里须监护人或照料人事先同意并在场，请先问好再勾选"),
    }[why]
