"""Doing things at the same moment, on each engine: what constraints and locks are for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from core.db import db, writing
from core.errors import RuleBroken
from core.fences import everything
from tests.conftest import settings_for

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@contextmanager
def site_on(engine: str, request: pytest.FixtureRequest, home: Path) -> Iterator[Flask]:
    """Give the application with an empty database of that kind."""
    given = {}
    if engine == "postgresql":
        given["database_url"] = request.getfixturevalue("postgres_url")
    app = create_app(settings_for(home, **given))
    with app.app_context(), everything():
        with writing():
            db.create_all()
        db.session.remove()
        yield app
        db.session.remove()
        db.engine.dispose()


def at_once(app: Flask, *actions: Callable[[], object]) -> list[RuleBroken | None]:
    """Do things at the same moment, each in a thread of its own; return what each refused."""
    gate = threading.Barrier(len(actions))
    refused: list[RuleBroken | None] = [None] * len(actions)

    def work(place: int) -> None:
        with app.app_context(), everything():
            gate.wait()
            try:
                actions[place]()
            except RuleBroken as refusal:
                refused[place] = refusal
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()  # the test sees what the threads wrote
    return refused
