"""Vendors tell what became of messages: with the secret, once, and nobody else."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.rules import Role
from core import ids
from core.db import db
from core.limits import Limit
from messages.channels.receipts.rules import Receipt, read
from messages.contacts.queries import route
from messages.delivery.receipts.services import receipt
from messages.models import Message
from messages.rules import Channel, State
from tests.browser import Browser
from tests.builders.channels import a_channel, the_contact
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import NOON, BrowseAs
from tests.factories import a_number, saved

SECRET = "s" * 43


def a_message(state: State = State.SENT, **given: object) -> Message:
    now = NOON
    fields: dict[str, object] = {
        "dedup_key": f"k{a_number()}",
        "kind": "visit_t2d",
        "channel": Channel.ALIYUN_SMS,
        "params": {},
        "due_at": now,
        "next_at": now,
        "expire_at": now + timedelta(days=1),
        "state": state,
        "sent_at": now if state is State.SENT else None,
    }
    return saved(Message(**fields | given))


def told(app: Flask, what: object, secret: str = SECRET, name: str = "aliyun_sms") -> TestResponse:
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    path = f"/messages/receipts/{name}/{secret}"
    answer = app.test_client().post(path, data=body, content_type="application/json")
    db.session.rollback()
    return answer


def state_of(message: Message) -> State:
    return db.session.scalars(select(Message.state).where(Message.id == message.id)).one()


@pytest.fixture
def channel(app: Flask) -> None:
    for one in (Channel.ALIYUN_SMS, Channel.TENCENT_SMS):
        digest = ids.digest(SECRET if one is Channel.ALIYUN_SMS else SECRET[::-1] + "t")
        a_channel(one, receipt_hash=digest)


@pytest.mark.parametrize("before", [State.SENT, State.UNKNOWN, State.SENDING])
@pytest.mark.parametrize(("success", "after"), [(True, State.DELIVERED), (False, State.BOUNCED)])
def test_what_became_of_a_message_is_kept(
    app: Flask, channel: None, before: State, success: bool, after: State
) -> None:
    message = a_message(before)
    answer = told(app, [{"out_id": message.uid, "success": success, "biz_id": "1^0"}])
    assert (answer.status_code, answer.json) == (200, {"code": 0, "msg": "OK"})
    assert state_of(message) is after
    assert db.session.get_one(Message, message.id).sent_at == NOON


def test_the_same_receipt_again_changes_nothing(app: Flask, channel: None) -> None:
    me = a_person(email="me@example.org").id
    message = a_message(person_id=me, channel=Channel.EMAIL)
    bounced = [{"out_id": message.uid, "success": False}]
    for _turn in range(5):
        assert told(app, bounced).status_code == 200
    assert the_contact(me, Channel.EMAIL).bounce_count == 1
    told(app, [{"out_id": message.uid, "success": True}])
    assert state_of(message) is State.BOUNCED


def test_three_that_come_back_give_the_way_up(app: Flask, channel: None) -> None:
    me = a_person(email="me@example.org").id
    messages = [a_message(person_id=me, channel=Channel.EMAIL) for _turn in range(3)]
    told(app, [{"out_id": one.uid, "success": False} for one in messages])
    assert route([me]) == {me: []}


@pytest.mark.parametrize(
    "state", [State.PENDING, State.CLAIMED, State.CANCELLED, State.EXPIRED, State.DEAD]
)
def test_what_never_left_did_not_arrive(app: Flask, channel: None, state: State) -> None:
    message = a_message(state)
    assert not receipt(message.uid, State.DELIVERED)
    assert state_of(message) is state


def test_without_the_secret_nobody_tells_anything(app: Flask, channel: None) -> None:
    message = a_message()
    what = [{"out_id": message.uid, "success": True}]
    for secret, name in (("x" * 43, "aliyun_sms"), (SECRET, "tencent_sms"), (SECRET, "wecom")):
        assert told(app, what, secret, name).status_code == 404
    assert state_of(message) is State.SENT


@pytest.mark.parametrize(
    "what",
    [b"", b"{}", b"null", b"[1]", b"[" * 3000, b"\xff\xfe", {"out_id": "x"}, [{}] * 501],
)
def test_nonsense_is_refused(app: Flask, channel: None, what: object) -> None:
    assert told(app, what).status_code == 400


def test_a_receipt_that_names_nothing_of_ours_is_thanked_for(app: Flask, channel: None) -> None:
    strange = [{"out_id": "who", "success": True}, {"out_id": "", "success": True}, {"out_id": 7}]
    assert told(app, strange).status_code == 200


def test_too_many_receipts_of_one_address_wait(
    app: Flask, channel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messages.channels.receipts.views.FROM_ONE", Limit("receipts", 3, 60))
    assert [told(app, []).status_code for _turn in range(4)] == [200, 200, 200, 429]


def test_tencent_names_its_own_number(app: Flask, channel: None) -> None:
    one = {"sid": "5000:1", "report_status": "FAIL", "errmsg": "x", "mobile": "15400000001"}
    assert read(Channel.TENCENT_SMS, [one]) == [Receipt("5000:1", State.BOUNCED)]
    assert read(Channel.TENCENT_SMS, [one | {"report_status": "?"}]) == []
    answer = told(app, [one], SECRET[::-1] + "t", "tencent_sms")
    assert (answer.status_code, answer.json) == (200, {"result": 0, "errmsg": "OK"})


def test_a_new_address_for_receipts_voids_the_old_one(
    app: Flask, channel: None, browse_as: BrowseAs
) -> None:
    admin: Browser = browse_as(a_member_of_staff(Role.ADMIN), stepped_up=True)
    page = admin.post("/messages/channels/aliyun_sms/receipts")
    address = str(page.soup.select_one("#address")["value"])  # type: ignore[index]  # it is there
    assert address.startswith("http://localhost/messages/receipts/aliyun_sms/")
    secret = address.rpartition("/")[2]
    assert secret not in admin.get("/messages/channels/aliyun_sms").html
    message = a_message()
    assert told(app, [{"out_id": message.uid, "success": True}]).status_code == 404
    assert told(app, [{"out_id": message.uid, "success": True}], secret).status_code == 200
    assert state_of(message) is State.DELIVERED
