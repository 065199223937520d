"""The application: every part is put together here, and only here."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import accounts.web
import children.access.denials.views
import frame
import rooms
from core import (
    access,
    assets,
    bodies,
    clock,
    crypto,
    csrf,
    db,
    gates,
    headers,
    hosts,
    i18n,
    keychecks,
    limits,
    logs,
    passwords,
    problems,
    richtext,
    shelf,
    show,
    vault,
)
from core.config import SettingError, Settings

PARTS = (
    gates, shelf, i18n, hosts, show, assets, richtext, headers, keychecks, access, bodies,
    csrf, accounts.web,
)  # fmt: skip
"""What core brings, in the order in which a request meets it."""


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application from settings, by default those of the environment."""
    app = Flask(__name__)
    try:
        settings = settings or Settings.from_env(Settings.home_from_env(Path(app.instance_path)))
        _configure(app, settings)
    except SettingError as error:
        raise SystemExit(str(error)) from error
    for part in (*PARTS, rooms, frame):
        part.init_app(app)
    if settings.proxies:  # outermost: the gate wants to know who comes, too
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way to wrap it
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    problems.init_app(app, kept=children.access.denials.views.kept)
    access.refuse_silent_views(app)
    return app


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
    Migrate(app, db.db, compare_type=True, render_as_batch=True)
