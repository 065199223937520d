"""`flask serve`: make the database current, fill it on the first start, and serve.

The one place that knows the server (waitress: one process, threads, survives slow clients).
"""

import gc
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click
import waitress
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

import campaigns.funnel.services
import children.sealed.services
import demo.cli
import demo.services
import jobs
import places.days.services
import places.services
from core.config import Settings
from core.db import db, owners, writing
from core.extensions import ExtensionMissing
from core.fences import everything
from core.keychecks import WrongKey, remember
from core.policies import let_in, too_mighty
from core.vault import VaultMissing
from messages.models import Message
from places.models import Area

MIGRATIONS = Path(__file__).parent / "migrations"
THREADS = 8
SWITCH_SECONDS = 0.0005
"""A thread gives way while the database works; five milliseconds until it goes on, as Python has it
by default, are longer than a whole sign-up, and everybody who wants to write waits for it."""
LARGEST_BODY = 12 * 1024 * 1024
"""Bytes; the application itself takes less almost everywhere (core.bodies)."""


@click.command("serve")
@with_appcontext
def command() -> None:
    """Bring everything up to date and serve until stopped."""
    settings: Settings = current_app.extensions["settings"]
    try:
        prepare(settings)
    except OperationalError as error:
        raise click.ClickException(
            f"TONGXING_DATABASE_URL: the database does not open ({_first_line(error)})"
        ) from error
    except ExtensionMissing as error:
        raise click.ClickException(f"TONGXING_DATABASE_URL: {error}") from error
    except WrongKey as error:
        raise click.ClickException(f"TONGXING_KEY_FILE: {error}") from error
    except VaultMissing as error:
        raise click.ClickException(f"TONGXING_VAULT: {error}") from error
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's way
    _serve(app, settings)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]


def prepare(settings: Settings) -> None:
    """Migrate, compare the keys, load places, days and a demonstration's data at first."""
    with writing():
        upgrade(str(MIGRATIONS))
    db.session.remove()
    _check_roles(settings)
    with everything():
        remember()
        children.sealed.services.expect_vault()
    if not db.session.scalar(select(func.count()).select_from(Area)):
        places.services.load_own_city()
        places.days.services.load(places.days.services.OWN_DAYS)
    places.days.services.expect(places.days.services.OWN_DAYS)
    if settings.demo and demo.services.is_empty():
        click.echo(f"loading the demonstration data ({settings.demo_size}) …", err=True)
        demo.services.load(settings.demo_size)
    db.session.remove()


def _check_roles(settings: Settings) -> None:
    """On PostgreSQL let the application's role in, and refuse one that could pass the wall."""
    if db.engine.dialect.name != "postgresql":
        return
    if settings.owner_url:
        with writing(), owners(settings.owner_url) as owner, owner.begin() as connection:
            let_in(connection, db.engine.url.username or "")
    with db.engine.connect() as connection:
        mighty = too_mighty(connection)
    if mighty and not settings.demo:
        raise click.ClickException(
            "TONGXING_DATABASE_URL: this role owns the tables or is a superuser, so row-level"
            " security does not hold it; name the owner in TONGXING_OWNER_URL and give the site"
            " a role of its own (docs/operating.md)"
        )


def _serve(app: Flask, settings: Settings) -> None:
    try:
        server = waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            ident="tongxing",
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=not settings.proxies,  # else ProxyFix finds none
        )
    except OSError as error:
        taken = f"PORT: cannot listen on {settings.host}:{settings.port} ({error.strerror})"
        raise click.ClickException(taken) from error
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what is here now stays: no search for cycles goes through it again
    running = jobs.start(app) if settings.scheduler else None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    _greet(settings)
    db.session.remove()  # whoever keeps reading here lets SQLite's journal grow for ever
    try:
        server.run()
    finally:
        server.close()
        if running:
            running.stop()
        campaigns.funnel.services.flush()


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the jobs without serving pages, until stopped; any number of them may."""
    settings: Settings = current_app.extensions["settings"]
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's way
    try:
        with everything():
            db.session.execute(select(Message.id).limit(1))
            children.sealed.services.expect_vault()
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"TONGXING_DATABASE_URL: no database of this site; flask serve or db upgrade makes it"
            f" ({_first_line(error)})"
        ) from error
    except VaultMissing as error:
        raise click.ClickException(f"TONGXING_VAULT: {error}") from error
    _check_roles(settings)
    db.session.remove()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stopping.set())
    running = jobs.start(app)
    click.echo("working; Ctrl+C stops it.")
    sys.stdout.flush()
    stopping.wait()
    running.stop()


def _greet(settings: Settings) -> None:
    click.echo(f"\n童行 Tongxing: http://{settings.host}:{settings.port}\n")
    if settings.demo:
        demo.cli.print_accounts()
    click.echo("Ctrl+C stops it.")
    sys.stdout.flush()
