"""A mail's reader stops mails by a link or a button of the mail program, without signing in."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from core.db import db
from messages import services as messages
from messages.channels.leaving.services import leave_by, token_of
from messages.channels.rules import Outgoing, Text
from messages.channels.services import mail_way
from messages.contacts.queries import route
from messages.labels import KINDS
from messages.models import Message
from messages.rules import SAFETY, Channel
from messages.services import Notice
from tests.browser import Browser
from tests.builders.people import a_person
from tests.conftest import NOON

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def me(app: Flask) -> int:
    return a_person(email="me@example.org").id


def a_mail_to(person_id: int | None, kind: str = "volunteer_active") -> Message:
    given = {"person_id": person_id} if person_id else {"address": "x@example.org"}
    day = timedelta(days=1)
    messages.plan([Notice(kind, f"{kind}/1", {"name": "样例"}, NOON, NOON + day, **given)])
    asked = select(Message).where(Message.channel == Channel.EMAIL)
    return db.session.scalars(asked).one()


def mail_in(folder: Path) -> EmailMessage:
    (file,) = folder.glob("*.eml")
    found = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_one_click_stops_ordinary_mails(app: Flask, me: int) -> None:
    settings, row = app.extensions["settings"], a_mail_to(me)
    mail_way(settings).send(Outgoing(row.uid, "me@example.org", Text("题", "文\n"), row.kind))
    mail = mail_in(settings.home / "outbox")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (url,) = re.findall(r"<(http://localhost/messages/leave/[\w-]+)>", mail["List-Unsubscribe"])

    answer = app.test_client().post(url, data=ONE_CLICK)

    assert answer.status_code == 200
    assert route([me]) == {me: []}
    assert app.test_client().post(url, data=ONE_CLICK).status_code == 200


def test_looking_at_the_link_stops_nothing(app: Flask, me: int, visitor: Browser) -> None:
    path = f"/messages/leave/{token_of(a_mail_to(me).uid)}"
    page = visitor.get(path)
    assert route([me])[me]
    assert "me@example.org" not in page.html
    visitor.post(path, page.form("/messages/leave/"))
    assert route([me]) == {me: []}


@pytest.mark.parametrize("kind", sorted(SAFETY))
def test_what_is_about_safety_cannot_be_left(app: Flask, kind: str) -> None:
    assert leave_by("https://site.example")(Outgoing("k" * 22, "a@b.c", Text("", ""), kind)) == ""


def test_every_kind_that_cannot_be_left_is_one_of_ours() -> None:
    own = {"contact_code", "contact_broken"}
    assert SAFETY - own <= set(KINDS)


@pytest.mark.parametrize("spoilt", ["", "x", "A" * 43, "A" * 22 + "é", "A" * 22 + "/w"])
def test_a_guessed_link_is_not_there(visitor: Browser, me: int, spoilt: str) -> None:
    token = token_of(a_mail_to(me).uid)
    for path in (
        spoilt,
        token[:-1],
        token[:-1] + ("A" if token[-1] != "A" else "Q"),
        "Z" + token[1:],
    ):
        if path:
            visitor.get(f"/messages/leave/{path}", status=404)
    assert route([me])[me]


def test_an_address_of_nobody_has_nothing_to_leave(app: Flask, visitor: Browser) -> None:
    visitor.get(f"/messages/leave/{token_of(a_mail_to(None).uid)}", status=404)
