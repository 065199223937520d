"""The application: every part is put together here, and only here."""

from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_migrate import Migrate
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import accounts.admin.actions
import accounts.admin.services
import accounts.admin.views
import accounts.approvals.actions
import accounts.approvals.rules
import accounts.approvals.services
import accounts.approvals.views
import accounts.audit.actions
import accounts.audit.cli
import accounts.audit.services
import accounts.audit.views
import accounts.cli
import accounts.exports.actions
import accounts.exports.rules
import accounts.exports.services
import accounts.exports.views
import accounts.factors.views
import accounts.passkeys.views
import accounts.queries
import accounts.sessions.services
import accounts.tries.services
import accounts.unsent.views
import accounts.views
import accounts.web
import campaigns.actions
import campaigns.cli
import campaigns.manage.slots.views
import campaigns.manage.views
import campaigns.pages.views
import campaigns.pictures.views
import campaigns.services
import campaigns.signups.services
import campaigns.signups.views
import campaigns.views
import children.access.actions
import children.access.denials.views
import children.access.services
import children.access.views
import children.actions
import children.cli
import children.consents.services
import children.consents.views
import children.exports.queries
import children.fence.queries
import children.sealed.renewal.services
import children.sealed.services
import children.sealed.views
import children.services
import children.views
import core.cli
import demo.cli
import messages.actions
import messages.alerts.actions
import messages.alerts.views
import messages.cli
import messages.queries
import messages.services
import messages.views
import pairings.actions
import pairings.exports.queries
import pairings.queries
import pairings.services
import pairings.views
import places.cli
import places.views
import serve
import visits.actions
import visits.assignments.queries
import visits.cli
import visits.overview.views
import visits.records.views
import visits.services
import visits.views
import volunteers.actions
import volunteers.exports.queries
import volunteers.services
import volunteers.teams.views
import volunteers.views
from accounts.audit.packing.rules import Source
from accounts.rules import Actor, Role
from core import (
    access,
    actions,
    assets,
    bodies,
    clock,
    crypto,
    csrf,
    db,
    fences,
    headers,
    health,
    hosts,
    i18n,
    keychecks,
    limits,
    logs,
    parameters,
    passwords,
    problems,
    richtext,
    sealing,
    show,
    vault,
)
from core.config import SettingError, Settings
from core.i18n import lazy as _l
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert

PARTS = (
    i18n, hosts, show, assets, richtext, headers, keychecks, access, bodies, csrf, accounts.web,
)  # fmt: skip
"""What core brings, in the order in which a request meets it."""
BLUEPRINTS = (
    health.bp,
    campaigns.views.bp,
    campaigns.pages.views.bp,
    campaigns.signups.views.bp,
    campaigns.manage.views.bp,
    campaigns.manage.slots.views.bp,
    campaigns.pictures.views.bp,
    places.views.bp,
    accounts.views.bp,
    accounts.factors.views.bp,
    accounts.passkeys.views.bp,
    accounts.unsent.views.bp,
    accounts.admin.views.bp,
    accounts.audit.views.bp,
    accounts.approvals.views.bp,
    accounts.exports.views.bp,
    messages.views.bp,
    messages.alerts.views.bp,
    volunteers.views.bp,
    volunteers.teams.views.bp,
    children.views.bp,
    children.consents.views.bp,
    children.access.views.bp,
    children.sealed.views.bp,
    pairings.views.bp,
    visits.views.bp,
    visits.records.views.bp,
    visits.overview.views.bp,
)
COMMANDS = (
    accounts.cli.group,
    accounts.audit.cli.group,
    campaigns.cli.group,
    children.cli.group,
    core.cli.group,
    demo.cli.group,
    messages.cli.group,
    places.cli.group,
    visits.cli.group,
    serve.command,
)
WAITING = (
    messages.alerts.actions.next_actions,
    visits.actions.next_actions,
    volunteers.actions.next_actions,
    children.actions.next_actions,
    children.access.actions.next_actions,
    pairings.actions.next_actions,
    campaigns.actions.next_actions,
    messages.actions.next_actions,
    accounts.approvals.actions.next_actions,
    accounts.exports.actions.next_actions,
    accounts.admin.actions.next_actions,
    accounts.audit.actions.next_actions,
)
PACK: tuple[Source, ...] = ()
PARAMETERS = (
    *accounts.audit.services.PARAMETERS,
    *accounts.approvals.services.PARAMETERS,
    *accounts.exports.services.PARAMETERS,
    *accounts.sessions.services.PARAMETERS,
    *children.services.PARAMETERS,
    *children.access.services.PARAMETERS,
    *children.sealed.services.PARAMETERS,
    *volunteers.services.PARAMETERS,
    *pairings.services.PARAMETERS,
    *campaigns.services.PARAMETERS,
    *visits.services.PARAMETERS,
)
MATTERS = (*accounts.admin.services.MATTERS, accounts.exports.services.MATTER)
"""What takes two people."""
EXPORTS = (
    volunteers.exports.queries.ROSTER,
    volunteers.exports.queries.HOURS,
    children.exports.queries.FILES,
    pairings.exports.queries.PAIRINGS,
)
SEALED = (
    children.sealed.renewal.services.SealedParts(),
    sealing.inside(
        db.Base.metadata.tables["messages"].c.params, "sealed", campaigns.signups.services.place_in
    ),
)
"""What is sealed otherwise than a column's `info` tells."""
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
    ("admin.people", _l("人员与角色"), "people"),
    ("admin.parameters_page", _l("规则参数"), "chart"),
    ("audit.trail", _l("审计记录"), "search"),
)

ALERT_PAGES = {
    AlertKind.CONCERN: "visits.show",
    AlertKind.DECOY_OPENED: "child_access.log",
}


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from settings, by default those of the environment."""
    app = Flask(__name__)
    try:
        settings = settings or Settings.from_env(Settings.home_from_env(Path(app.instance_path)))
        _configure(app, settings)
    except SettingError as error:
        raise SystemExit(str(error)) from error
    for part in PARTS:
        part.init_app(app)
    fences.init_app(app, of=_sight)
    parameters.declare(*PARAMETERS)
    accounts.approvals.rules.declare(*MATTERS)
    accounts.exports.rules.declare(*EXPORTS)
    accounts.exports.views.init_app(app, flooded=_export_flood)
    accounts.tries.services.alert_with(_sign_in_flood)
    sealing.declare(*SEALED)
    actions.init_app(app, WAITING)
    accounts.audit.views.init_app(app, tables=PACK)
    messages.alerts.views.init_app(app, pages=ALERT_PAGES)
    children.consents.views.init_app(app, withdrawn=visits.services.consent_withdrawn)
    children.access.views.init_app(app, assigned=visits.assignments.queries.assigned)
    children.access.denials.views.init_app(
        app, pairing=pairings.queries.exists, visit=visits.assignments.queries.exists
    )
    volunteers.teams.views.init_app(app, in_use=pairings.queries.team_in_use)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    problems.init_app(app, kept=children.access.denials.views.kept)
    app.context_processor(_on_every_page)
    access.refuse_silent_views(app)
    return app


def _export_flood(person: Actor, area_id: int | None) -> None:
    raise_alert(AlertKind.EXPORT_FLOOD, ref="exports", area_id=area_id, about_id=person.id)


def _sign_in_flood(person_id: int) -> None:
    areas = [one.area_id for one in accounts.queries.actor_for(person_id).grants if one.area_id]
    area_id = min(areas, default=None)
    raise_alert(AlertKind.SIGN_IN_FLOOD, ref="sign-in", area_id=area_id, about_id=person_id)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(settings.database_url),
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    app.extensions["settings"] = settings
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    crypto.use_key(settings.keys, settings.key_file)
    vault.use(settings.vault)
    limits.use(settings.redis_url)
    passwords.use_profile(settings.profile)
    clock.shiftable(settings.home / "clock" if settings.demo else None)
    logs.init_app(app, settings.log_level)
    db.init_app(app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way to wrap it
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    Migrate(app, db.db, compare_type=True, render_as_batch=True)


def _sight(me: Actor) -> fences.Sight:
    """Return what somebody may see of the tables about children."""
    return children.fence.queries.sight(me, pairings.queries.children_of(me))


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
