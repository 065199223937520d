"""What a log tells of a failure: where it was, never what somebody typed or held."""

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from accounts.models import Person
from core.db import db, transaction
from tests.browser import Browser
from tests.builders.people import a_person
from tests.factories import CANARY

SECRET = "s" * 43


def store_twice(*_asked: object) -> None:
    person = a_person(name=CANARY)
    with transaction() as session:
        session.execute(insert(Person).values(id=person.id, name=CANARY, email="x@example.org"))


def test_a_failure_is_logged_without_what_was_typed_or_the_address(
    app: Flask,
    visitor: Browser,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("children.consents.links.queries.opened", store_twice)

    with capture_logs() as lines:
        visitor.get(f"/guardian/{SECRET}", status=500)

    (failed,) = (line for line in lines if line["event"] == "failed")
    assert (failed["view"], failed["error"]) == ("guardian_links.answer", "IntegrityError")
    assert any(place.startswith("test_logs.py:") for place in failed["at"])
    told = str(lines) + "".join(capsys.readouterr())
    assert CANARY not in told
    assert SECRET not in told


def test_an_error_of_the_database_does_not_quote_what_was_to_be_stored(app: Flask) -> None:
    with pytest.raises(IntegrityError) as raised:
        store_twice()
    db.session.rollback()

    assert CANARY not in str(raised.value)
