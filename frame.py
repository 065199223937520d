"""The frame around every page: the menu of whoever reads, and what base.html asks for."""

from typing import Any

from flask import Flask, current_app, g, request, url_for

import accounts.web
import messages.queries
from accounts.rules import Actor, Role
from core import access, i18n, logs
from core.config import Settings
from core.i18n import lazy as _l
from places.queries import shown

PUBLIC_NAVIGATION = (
    ("campaigns.index", _l("首页"), "home"),
    ("campaigns.listing", _l("关爱活动"), "heart"),
    ("places.network", _l("保护网络"), "place"),
    ("pages.help", _l("求助"), "phone"),
)
WORK, DESK, DATA = HEADINGS = _l("日常工作"), _l("办理"), _l("信息保护和设置")
LONG = 8
"""From so many entries on a menu is read under headings."""
INLINE, TABS = 7, 4
"""How many entries stand in the header itself, and in a phone's bar: the others in the menu."""
NAVIGATION = (
    ("accounts.home", _l("首页"), "home", WORK),
    ("volunteers.me", _l("我的"), "me", WORK),
    ("visits.listing", _l("走访"), "visits", WORK),
    ("own_signups.listing", _l("我的报名"), "calendar", WORK),
    ("messages.inbox", _l("消息"), "message", WORK),
    ("alerts.listing", _l("安全提醒"), "alert", DESK),
    ("children.listing", _l("儿童档案"), "child", WORK),
    ("pairings.board", _l("结对"), "pair", WORK),
    ("pairings.listing", _l("结对名单"), "people", WORK),
    ("match_runs.listing", _l("自动配对"), "pair", WORK),
    ("fairness.board", _l("等待与公平"), "chart", DESK),
    ("forecast.board", _l("快要结束的结对"), "calendar", DESK),
    ("volunteers.listing", _l("志愿者名单"), "people", WORK),
    ("teams.listing", _l("小组"), "people", WORK),
    ("weather.board", _l("天气停访"), "alert", DESK),
    ("certificates.listing", _l("时长证明"), "check", DESK),
    ("orgs.listing", _l("合作单位"), "pair", DESK),
    ("student_desk.listing", _l("学生身份"), "people", DESK),
    ("signups.waiting", _l("待核实报名"), "phone", WORK),
    ("blocks.listing", _l("团队名额"), "people", WORK),
    ("manage_wishes.listing", _l("微心愿"), "heart", WORK),
    ("manage.listing", _l("活动编辑"), "edit", WORK),
    ("manage_stories.waiting", _l("微故事"), "book", WORK),
    ("overview.counties", _l("全市概览"), "chart", WORK),
    ("visit_calendar.show", _l("走访日历"), "calendar", WORK),
    ("admin.people", _l("人员与角色"), "people", DESK),
    ("approvals.listing", _l("两人办理"), "check", DESK),
    ("child_access.requests", _l("查看申请"), "search", DESK),
    ("rights.listing", _l("权利请求"), "shield", DESK),
    ("exports.listing", _l("导出"), "download", DESK),
    ("messages.ledger", _l("发送情况"), "chart", DESK),
    ("channels.listing", _l("发送途径"), "message", DATA),
    ("days.holidays", _l("放假和补班"), "calendar", DESK),
    ("days.terms", _l("学期和考试"), "calendar", DESK),
    ("message_desk.planned", _l("谁会收到提醒"), "calendar", DESK),
    ("erasures.listing", _l("数据删除"), "shield", DATA),
    ("audit.trail", _l("审计记录"), "search", DATA),
    ("breaches.listing", _l("信息事件"), "alert", DATA),
    ("assessments.listing", _l("影响评估"), "book", DATA),
    ("retention.status", _l("保存期限"), "calendar", DATA),
    ("admin.parameters_page", _l("规则参数"), "edit", DATA),
)

CLOCK = "playing.show"
"""Only a demonstration has this page."""


def init_app(app: Flask) -> None:
    app.context_processor(_on_every_page)
    app.jinja_env.globals["shown"] = shown


def _on_every_page() -> dict[str, Any]:
    """Return what base.html needs on each page."""
    me = None if g.get("plain_frame") else accounts.web.someone()
    settings: Settings = current_app.extensions["settings"]
    nav = [] if g.get("plain_frame") else _navigation(me)
    return {
        "nav": nav,
        "nav_groups": _grouped(nav),
        "signed_in": me is not None,
        "person_name": me.name if me else "",
        "unread": messages.queries.unread(me.id) if me and me.id else 0,
        "demo": settings.demo,
        "clock_url": url_for(CLOCK) if settings.demo and me and access.may(CLOCK) else "",
        "site_url": settings.site_url,
        "language_links": i18n.language_links(),
        "request_id": logs.request_id(),
    }


def _navigation(me: Actor | None) -> list[dict[str, Any]]:
    entries = NAVIGATION if me else tuple((*entry, WORK) for entry in PUBLIC_NAVIGATION)
    only_volunteer = me is not None and me.roles == {Role.VOLUNTEER.value}
    shown = [
        entry
        for entry in entries
        if access.may(entry[0]) and not (only_volunteer and entry[0] == "accounts.home")
    ]
    return [
        {
            "label": label,
            "url": url_for(endpoint),
            "icon": icon,
            "group": group,
            "current": request.endpoint == endpoint,
            "tab": place < TABS,
            "inline": place < INLINE,
        }
        for place, (endpoint, label, icon, group) in enumerate(shown)
    ]


def _grouped(nav: list[dict[str, Any]]) -> list[tuple[object, list[dict[str, Any]]]]:
    """Return a long menu under its headings, a short one under a single one."""
    if len(nav) <= LONG:
        return [(WORK, nav)]
    parts = [(heading, [item for item in nav if item["group"] is heading]) for heading in HEADINGS]
    return [(heading, items) for heading, items in parts if items]
