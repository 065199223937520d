"""The application: every part is put together here, and only here."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

import accounts.admin.actions
import accounts.admin.views
import accounts.cli
import accounts.views
import accounts.web
import campaigns.actions
import campaigns.cli
import campaigns.manage.slots.views
import campaigns.manage.views
import campaigns.pages.views
import campaigns.services
import campaigns.signups.services
import campaigns.signups.views
import campaigns.views
import children.actions
import children.consents.links.views
import children.consents.services
import children.consents.texts.views
import children.consents.views
import children.sealed.renewal.services
import children.sealed.services
import children.sealed.views
import children.services
import children.views
import core.cli
import demo.cli
import messages.actions
import messages.cli
import messages.queries
import messages.services
import messages.views
import pairings.actions
import pairings.queries
import pairings.services
import pairings.views
import places.cli
import places.views
import rights.actions
import rights.retention.cli
import rights.services
import rights.views
import serve
import visits.actions
import visits.cli
import visits.overview.views
import visits.records.views
import visits.services
import visits.views
import volunteers.actions
import volunteers.services
import volunteers.teams.views
import volunteers.views
from accounts.rules import Actor, Role
from core import (
    access,
    actions,
    clock,
    crypto,
    csrf,
    db,
    headers,
    health,
    i18n,
    keychecks,
    logs,
    parameters,
    sealing,
    show,
    vault,
)
from core.config import SettingError, Settings
from core.errors import NotYours, RuleBroken
from core.i18n import lazy as _l

BLUEPRINTS = (
    health.bp,
    campaigns.views.bp,
    campaigns.pages.views.bp,
    campaigns.signups.views.bp,
    campaigns.manage.views.bp,
    campaigns.manage.slots.views.bp,
    places.views.bp,
    accounts.views.bp,
    accounts.admin.views.bp,
    messages.views.bp,
    volunteers.views.bp,
    volunteers.teams.views.bp,
    children.views.bp,
    children.consents.views.bp,
    children.consents.links.views.bp,
    children.consents.texts.views.bp,
    children.sealed.views.bp,
    pairings.views.bp,
    visits.views.bp,
    visits.records.views.bp,
    visits.overview.views.bp,
    *rights.views.BLUEPRINTS,
)
COMMANDS = (
    accounts.cli.group,
    campaigns.cli.group,
    core.cli.group,
    demo.cli.group,
    messages.cli.group,
    places.cli.group,
    visits.cli.group,
    rights.retention.cli.group,
    serve.command,
)
WAITING = (
    rights.actions.next_actions,
    visits.actions.next_actions,
    volunteers.actions.next_actions,
    children.actions.next_actions,
    pairings.actions.next_actions,
    campaigns.actions.next_actions,
    messages.actions.next_actions,
    accounts.admin.actions.next_actions,
)
PARAMETERS = (
    *children.services.PARAMETERS,
    *children.sealed.services.PARAMETERS,
    *volunteers.services.PARAMETERS,
    *pairings.services.PARAMETERS,
    *campaigns.services.PARAMETERS,
    *visits.services.PARAMETERS,
    *rights.services.PARAMETERS,
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
    ("children.listing", _l("儿童档案"), "child"),
    ("pairings.board", _l("结对"), "pair"),
    ("pairings.listing", _l("结对名单"), "people"),
    ("volunteers.listing", _l("志愿者名单"), "people"),
    ("teams.listing", _l("小组"), "people"),
    ("signups.waiting", _l("待核实报名"), "phone"),
    ("manage.listing", _l("活动编辑"), "edit"),
    ("overview.counties", _l("全市概览"), "chart"),
    ("messages.ledger", _l("发送情况"), "chart"),
    ("rights.listing", _l("权利请求"), "shield"),
    ("erasures.listing", _l("删除"), "shield"),
    ("assessments.listing", _l("影响评估"), "search"),
    ("breaches.listing", _l("信息事件"), "phone"),
    ("retention.status", _l("保存期限"), "calendar"),
    ("admin.people", _l("人员与角色"), "people"),
    ("admin.parameters_page", _l("规则参数"), "chart"),
    ("admin.audit", _l("审计记录"), "search"),
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from settings, by default those of the environment."""
    app = Flask(__name__)
    try:
        settings = settings or Settings.from_env(Settings.home_from_env(Path(app.instance_path)))
    except SettingError as error:
        raise SystemExit(str(error)) from error
    _configure(app, settings)
    for part in (i18n, show, headers, keychecks, access, csrf):
        part.init_app(app)
    parameters.declare(*PARAMETERS)
    sealing.declare(*SEALED)
    actions.init_app(app, WAITING)
    children.consents.views.init_app(app, withdrawn=visits.services.consent_withdrawn)
    volunteers.teams.views.init_app(app, in_use=pairings.queries.team_in_use)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    _answer_errors(app)
    app.context_processor(_on_every_page)
    app.url_defaults(_with_version)
    access.refuse_silent_views(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(settings.database_url),
        TESTING=settings.testing,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.site_url.startswith("https:"),
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    app.extensions["settings"] = settings
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    crypto.use_key(settings.keys, settings.key_file)
    vault.use(settings.vault)
    clock.shiftable(settings.home / "clock" if settings.demo else None)
    logs.init_app(app, settings.log_level)
    db.init_app(app)
    Migrate(app, db.db, compare_type=True, render_as_batch=True)


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(NotYours, lambda _refusal: _explain(NotFound()))
    app.register_error_handler(RuleBroken, lambda refusal: _problem(409, refusal.reasons))
    app.register_error_handler(db.WriterBusy, lambda _busy: _problem(503))
    for error in (crypto.Unreadable, crypto.KeyMissing, vault.VaultMissing, keychecks.WrongKey):
        app.register_error_handler(error, _sealed_shut)
    app.register_error_handler(CSRFError, lambda _error: _problem(400))
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(InternalServerError, _explain)


def _explain(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    return _problem(error.code or 500)


def _sealed_shut(error: Exception) -> ResponseReturnValue:
    """What is sealed does not open: say that something is wrong, never what or how."""
    logs.log.error("sealed_shut", error=type(error).__name__, detail=str(error))
    return _problem(503)


def _problem(code: int, reasons: tuple[str, ...] = ()) -> ResponseReturnValue:
    g.plain_frame = code >= 500  # what failed may be the database: the frame must not ask it
    return render_template("problem.html", code=code, reasons=reasons), code


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


_versions: dict[tuple[str, int], str] = {}


def _with_version(endpoint: str, values: dict[str, Any]) -> None:
    """Name a static file together with its content, so that browsers may keep it for a year."""
    if endpoint != "static" or "filename" not in values:
        return
    path = Path(current_app.root_path, "static", values["filename"])
    if path.is_file():
        key = (str(path), path.stat().st_mtime_ns)
        if key not in _versions:
            _versions[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        values["v"] = _versions[key]
