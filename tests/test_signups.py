"""Joining a campaign in two screens, and what makes it count."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from wtforms.validators import StopValidation

from app import create_app
from campaigns.models import Campaign, Slot
from campaigns.numbers.models import DayCount
from campaigns.rules import Stage
from campaigns.seats.rules import SeatState
from campaigns.signups.confirming import services as confirming
from campaigns.signups.forms import a_contact
from campaigns.signups.models import SignUp
from campaigns.signups.services import Wish, sign_up
from campaigns.signups.telling.services import link_secret
from core import ids
from core.db import db, writing
from core.errors import RuleBroken
from messages.models import Message
from messages.texts import render
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot
from tests.builders.people import a_person
from tests.conftest import NOON, AtMost, settings_for
from volunteers.models import Volunteer

SECRET = "s" * 43
LATER = timedelta(hours=48)


def a_form(**given: Any) -> dict[str, Any]:
    fields = {"name": "李样例", "contact": "li@example.org", "org": "示例大学", "agree": "y"}
    return fields | given


def one_sign_up() -> SignUp:
    return db.session.scalars(select(SignUp)).one()


def test_two_screens_hold_a_seat(visitor: Browser, at_most: AtMost) -> None:
    slot = a_slot()
    slug = db.session.get_one(Campaign, slot.campaign_id).slug

    with at_most(8):
        choose = visitor.get(f"/campaigns/{slug}/join")
    assert choose.links("/slots/") == [f"/slots/{slot.uid}/join"]
    with at_most(8):
        join = visitor.get(f"/slots/{slot.uid}/join")
    assert join.form("/join").keys() >= {"name", "contact", "org"}
    page = visitor.post(f"/slots/{slot.uid}/join", a_form())

    assert page.heading == "收到了，还差一步"
    assert (slot.taken, one_sign_up().state) == (1, SeatState.HELD)


def test_the_link_goes_out_sealed_and_opens_only_there(visitor: Browser) -> None:
    slot = a_slot()

    visitor.post(f"/slots/{slot.uid}/join", a_form())

    message = db.session.scalars(select(Message)).one()
    found = one_sign_up()
    sealed = message.params["sealed"]
    secret = link_secret(sealed, found.uid)
    assert ids.digest(secret) == found.token_hash
    assert len(secret) == 43
    assert secret not in str(message.params)
    assert f"/sign-ups/confirm/{secret}" in render(message.kind, "zh_Hans", message.params).body
    assert "李样例" not in render(message.kind, "zh_Hans", message.params).body


def test_the_message_speaks_the_language_of_the_form(visitor: Browser) -> None:
    slot = a_slot()

    visitor.post(f"/en/slots/{slot.uid}/join", a_form())

    message = db.session.scalars(select(Message)).one()
    assert message.language == "en"
    assert (
        "http://localhost/en/sign-ups/confirm/" in render(message.kind, "en", message.params).body
    )


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "请填姓名"),
        ("name", " ", "请填姓名"),
        ("name", "李", "请填真实姓名"),
        ("name", "李" * 41, "请填真实姓名"),
        ("name", "李\x00明", "含有无法识别的字符"),
        ("name", "李😀明", "请只用文字"),
        ("name", "13800138000", "请填真实姓名"),
        ("contact", "", "请填手机号或邮箱"),
        ("contact", "123", "请填 11 位手机号"),
        ("contact", "二三", "请填 11 位手机号"),
        ("contact", "a@b", "邮箱地址不完整"),
        ("contact", "a..b@example.org", "邮箱地址不完整"),
        ("contact", "@example.org", "邮箱地址不完整"),
        ("contact", "a@b@example.org", "邮箱地址不完整"),
        ("contact", "李@example.org", "暂时不能用带中文"),
        ("contact", "a@例子.中国", "暂时不能用带中文"),
        ("contact", "a" * 65 + "@example.org", "邮箱地址不完整"),
        ("contact", "a@" + "b" * 130 + ".org", "邮箱地址不完整"),
        ("contact", "a😀@example.org", "暂时不能用带中文"),
        ("contact", "a@example.org\x00", "含有无法识别的字符"),
        ("org", "", "请填学校或单位"),
        ("org", "大" * 81, "最多 80 个字"),
        ("org", "大学🎓", "请只用文字"),
        ("agree", None, "三项都要同意"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    field: str, value: str | None, told: str, visitor: Browser
) -> None:
    slot = a_slot()
    sent = {name: text for name, text in a_form(**{field: value}).items() if text is not None}

    page = visitor.post(f"/slots/{slot.uid}/join", sent, status=422)

    assert told in " ".join(page.texts(f"#{field}-wrong"))
    assert (slot.taken, db.session.scalars(select(SignUp)).all()) == (0, [])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１３８ ００１３ ８０００", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        (" Li.Ming＠Example.ORG ", "li.ming@example.org"),
    ],
)
def test_a_contact_may_be_typed_in_many_ways(typed: str, kept: str, visitor: Browser) -> None:
    visitor.post(f"/slots/{a_slot().uid}/join", a_form(contact=typed))

    assert one_sign_up().contact == kept


@pytest.mark.parametrize("name", ["欧阳样例", "阿依古丽·买买提", "𠮷田", "Mary O'Neill", "José"])
def test_names_come_as_people_write_them(name: str, visitor: Browser) -> None:
    visitor.post(f"/slots/{a_slot().uid}/join", a_form(name=name))

    assert one_sign_up().name == name


@given(st.text(max_size=140))
def test_a_contact_is_kept_in_one_way_or_refused(text: str) -> None:
    with suppress(StopValidation):
        kept = a_contact(text)

        assert kept == a_contact(kept)
        assert kept.isascii()
        assert len(kept) <= 120


def test_the_same_form_twice_is_one_sign_up(visitor: Browser) -> None:
    slot = a_slot()
    form = a_form(form_key="k" * 22)

    first = visitor.post(f"/slots/{slot.uid}/join", form)
    second = visitor.post(f"/slots/{slot.uid}/join", form)

    assert first.text == second.text
    assert slot.taken == 1
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_known_contact_is_told_the_same_and_gets_no_second_message(visitor: Browser) -> None:
    slot = a_slot()

    first = visitor.post(f"/slots/{slot.uid}/join", a_form())
    second = visitor.post(
        f"/slots/{slot.uid}/join", a_form(name="别的名字", contact="LI@example.org")
    )

    assert first.text == second.text
    assert (slot.taken, one_sign_up().name) == (1, "李样例")
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_whoever_takes_the_last_place_is_not_told_of_a_queue(visitor: Browser) -> None:
    slot = a_slot(capacity=1)
    taken = visitor.post(f"/slots/{slot.uid}/join", a_form(), follow=True)
    assert "名额为您留" in taken.text
    assert "排队" not in taken.text

    a_sign_up(slot, state=SeatState.WAITING, ticket=1)
    sent = visitor.get(f"/sign-ups/sent?via=mail&slot={slot.uid}")
    assert "名额已满，现在一共有 1 组在排队" in sent.text


def test_a_full_slot_says_so_and_keeps_nothing(visitor: Browser) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot, email="first@example.org")

    page = visitor.post(f"/slots/{slot.uid}/join", a_form(), status=422)

    assert "这个名额已满" in " ".join(page.errors)
    assert slot.taken == 1
    assert one_sign_up().email == "first@example.org"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"stage": Stage.WRAP_UP}, "报名已结束"),
        ({"recruit_until": NOON.date() - timedelta(days=1)}, "报名已结束"),
        ({"recruit_from": NOON.date() + timedelta(days=1)}, "报名还没有开始"),
    ],
)
def test_a_closed_door_stays_closed(given: dict[str, Any], told: str, visitor: Browser) -> None:
    slot = a_slot(a_campaign(**given))

    page = visitor.post(f"/slots/{slot.uid}/join", a_form(), status=422)

    assert told in " ".join(page.errors)
    assert slot.taken == 0


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.APPROVED, Stage.SUSPENDED, Stage.CANCELLED])
def test_nobody_joins_what_is_not_public(stage: Stage, visitor: Browser) -> None:
    campaign = a_campaign(stage=stage)
    slot = a_slot(campaign)

    visitor.get(f"/slots/{slot.uid}/join", status=404)
    visitor.post(f"/slots/{slot.uid}/join", a_form(), status=404)
    visitor.get(f"/campaigns/{campaign.slug}/join", status=404)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each of its databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    url = request.getfixturevalue("postgres_url")
    made = create_app(settings_for(tmp_path, database_url=url))
    with made.app_context():
        with writing():
            db.create_all()
        db.session.remove()
        yield made
        db.session.remove()
        db.engine.dispose()


def all_at_once(app: Flask, work: Callable[[int], object], many: int) -> None:
    """Let so many people do something at the same moment."""

    def alone(number: int) -> None:
        with app.app_context():
            work(number)

    threads = [threading.Thread(target=alone, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()


def test_ten_seats_take_exactly_ten_of_sixty(either: Flask) -> None:
    uid = a_slot(capacity=10).uid
    refused: list[str] = []

    def try_it(number: int) -> None:
        try:
            sign_up(uid, Wish(f"样例{number}", f"p{number}@example.org", "示例大学"))
        except RuleBroken as full:
            refused.extend(full.reasons)

    all_at_once(either, try_it, 60)

    assert len(refused) == 50
    assert db.session.scalars(select(Slot.taken)).all() == [10]
    assert len(db.session.scalars(select(SignUp)).all()) == 10
    assert len(db.session.scalars(select(Message)).all()) == 10


def test_one_contact_at_once_is_one_sign_up(either: Flask) -> None:
    uid = a_slot(capacity=10).uid

    all_at_once(either, lambda _number: sign_up(uid, Wish("样例", "a@example.org", "个人")), 10)

    assert db.session.scalars(select(Slot.taken)).all() == [1]
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_one_person_confirming_twice_at_once_counts_once(either: Flask) -> None:
    campaign = a_campaign()
    first, second = (
        a_slot(campaign, starts_on=day, ends_on=day)
        for day in (campaign.visits_from, campaign.visits_until)
    )
    secrets = ["s" * 43, "t" * 43]
    for slot, secret in zip((first, second), secrets, strict=True):
        a_sign_up(slot, secret=secret, email="li@example.org")
    a_person(email="li@example.org")

    all_at_once(either, lambda number: confirming.confirm(secrets[number]), 2)

    assert db.session.scalars(select(DayCount.count)).all() == [1]
    assert len(db.session.scalars(select(Volunteer)).all()) == 1
