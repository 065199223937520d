"""What waits for those who make campaigns and those who call people up."""

from flask import url_for

from accounts.rules import Actor, Role
from campaigns.manage import queries as manage
from campaigns.manage.rules import WORKING
from campaigns.signups.calls.queries import count_to_call
from campaigns.signups.day.boards.queries import count_today
from campaigns.signups.promises.queries import count_at_risk
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    """Return what waits, each with the list of exactly those campaigns or sign-ups."""
    return [*_today(person), *_calls(person), *_at_risk(person), *_campaigns(person)]


def _today(person: Actor) -> list[Action]:
    on_the_day = person.has(Role.COORDINATOR, Role.VOLUNTEER, Role.TEAM_LEADER)
    many = count_today(person) if on_the_day else 0
    if not many:
        return []
    detail = _("谁到了、谁走了，在这里登记")
    return [Action(10, _("今天的签到板"), url_for("day.today"), detail, many, "accent")]


def _at_risk(person: Actor) -> list[Action]:
    many = count_at_risk(person) if person.has(Role.COORDINATOR) else 0
    if not many:
        return []
    detail = _("问了两次还没说来不来，请打个电话")
    return [Action(10, _("可能来不了的人"), url_for("promises.at_risk"), detail, many, "warn")]


def _calls(person: Actor) -> list[Action]:
    waiting = count_to_call(person) if person.has(Role.COORDINATOR) else 0
    if not waiting:
        return []
    detail = _("只留了电话的报名，名额到时就让给别人")
    return [
        Action(10, _("请打电话核实报名"), url_for("signups.waiting"), detail, waiting, "accent")
    ]


def _campaigns(person: Actor) -> list[Action]:
    if not person.has(*WORKING):
        return []
    told = {
        Role.EDITOR: {
            "returned": (10, _("被退回的活动"), _("看看理由，改好再提交")),
            "draft": (30, _("还没提交的草稿"), _("写完就提交审核")),
        },
        Role.SAFEGUARDING_LEAD: {
            "review": (10, _("等您审核的活动"), _("逐项核对后通过，或写明理由退回")),
        },
        Role.PUBLISHER: {
            "approved": (10, _("等您发布的活动"), _("已通过审核，发布后开始招募")),
            "corrected": (10, _("等您公布的总结更正"), _("看过改了什么再公布，公开的总结才会变")),
            "to_start": (20, _("该开始走访的活动"), _("走访日期已到，还在招募阶段")),
            "to_wrap_up": (20, _("该收尾的活动"), _("走访日期已过")),
        },
    }
    mine = {
        tab: said for role, tabs in told.items() if person.has(role) for tab, said in tabs.items()
    }
    counts = manage.counts(person, *mine)
    return [
        Action(order, title, url_for("manage.listing", show=tab), detail, counts[tab])
        for tab, (order, title, detail) in mine.items()
        if counts[tab]
    ]
