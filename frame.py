"""The frame around every page: the menu of whoever reads, and what base.html asks for."""

from typing import Any

from flask import Flask, current_app, g, request, url_for

import accounts.web
import messages.queries
from accounts.rules import Actor, Role
from core import access, i18n, logs
from core.config import Settings
from core.i18n import lazy as _l

PUBLIC_NAVIGATION = (
    ("campaigns.index", _l("首页"), "home"),
    ("campaigns.listing", _l("关爱活动"), "heart"),
    ("places.network", _l("保护网络"), "place"),
    ("pages.help", _l("求助"), "phone"),
)
NAVIGATION = (
    ("accounts.home", _l("首页"), "home"),
    ("volunteers.me", _l("我的"), "me"),
    ("visits.listing", _l("走访"), "visits"),
    ("messages.inbox", _l("消息"), "message"),
    ("alerts.listing", _l("安全提醒"), "alert"),
    ("children.listing", _l("儿童档案"), "child"),
    ("pairings.board", _l("结对"), "pair"),
    ("pairings.listing", _l("结对名单"), "people"),
    ("volunteers.listing", _l("志愿者名单"), "people"),
    ("teams.listing", _l("小组"), "people"),
    ("child_access.requests", _l("查看申请"), "search"),
    ("signups.waiting", _l("待核实报名"), "phone"),
    ("manage.listing", _l("活动编辑"), "edit"),
    ("overview.counties", _l("全市概览"), "chart"),
    ("messages.ledger", _l("发送情况"), "chart"),
    ("exports.listing", _l("导出"), "chart"),
    ("approvals.listing", _l("两人办理"), "people"),
    ("rights.listing", _l("权利请求"), "shield"),
    ("erasures.listing", _l("删除"), "shield"),
    ("assessments.listing", _l("影响评估"), "search"),
    ("breaches.listing", _l("信息事件"), "phone"),
    ("retention.status", _l("保存期限"), "calendar"),
    ("admin.people", _l("人员与角色"), "people"),
    ("admin.parameters_page", _l("规则参数"), "chart"),
    ("audit.trail", _l("审计记录"), "search"),
)


def init_app(app: Flask) -> None:
    app.context_processor(_on_every_page)


def _on_every_page() -> dict[str, Any]:
    """Return what base.html needs on each page."""
    me = None if g.get("plain_frame") else accounts.web.someone()
    settings: Settings = current_app.extensions["settings"]
    return {
        "nav": [] if g.get("plain_frame") else _navigation(me),
        "signed_in": me is not None,
        "person_name": me.name if me else "",
        "unread": messages.queries.unread(me.id) if me and me.id else 0,
        "demo": settings.demo,
        "language_links": i18n.language_links(),
        "request_id": logs.request_id(),
    }


def _navigation(me: Actor | None) -> list[dict[str, Any]]:
    entries = NAVIGATION if me else PUBLIC_NAVIGATION
    only_volunteer = me is not None and me.roles == {Role.VOLUNTEER.value}
    return [
        {
            "label": label,
            "url": url_for(endpoint),
            "icon": icon,
            "current": request.endpoint == endpoint,
        }
        for endpoint, label, icon in entries
        if access.may(endpoint) and not (only_volunteer and endpoint == "accounts.home")
    ]
