"""A process that sends what is due, made to be killed.

python -m tests.ledger_worker DATABASE_URL SMTP_URL NOW BATCH
"""

import sys
from datetime import datetime
from typing import Any
from unittest.mock import patch

from flask import Flask

from core import clock, crypto, parameters
from core import db as core_db
from messages.channels.rules import Text
from messages.channels.smtp import Smtp
from messages.delivery.rules import Pace
from messages.delivery.services import deliver
from messages.rules import Channel
from messages.services import PARAMETERS

KEY = b"k" * 32


def bare(url: str) -> Flask:
    """Return an application with nothing but the database and the key."""
    app = Flask("ledger")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = core_db.engine_options(url)
    crypto.use_key(KEY)
    parameters.declare(*PARAMETERS)
    core_db.init_app(app)
    return app


def plain(kind: str, language: str, params: dict[str, Any]) -> Text:
    return Text(kind, f"{language} {params}\n")


def main(url: str, smtp_url: str, now: str, batch: str) -> None:
    moment = datetime.fromisoformat(now)
    ways = {Channel.EMAIL: Smtp(smtp_url, "site@example.org")}
    with bare(url).app_context(), patch.object(clock, "wall", lambda: moment):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        while deliver(ways, plain, pace=Pace(batch=int(batch))):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
