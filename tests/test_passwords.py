"""Which passwords may be chosen: long ones that nobody would guess."""

import time
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts import services
from accounts.models import Person
from accounts.passwords.rules import LEVEL_3, LONGEST, Problem, problems
from accounts.passwords.services import Owner, common_words, refuse_poor
from accounts.rules import SITE
from core import passwords
from core.db import db
from core.errors import RuleBroken
from tests.browser import Browser
from tests.builders.people import PASSWORD, a_person
from tests.builders.places import a_county
from tests.conftest import NOON, BrowseAs, SetClock

COMMON = common_words()
WORDS = ("晋中", "tongxing", "样例甲", "yanglijia", "15400000001", "00000001", "太谷中学")


def found(password: str, *, has_second_factor: bool = True) -> list[Problem]:
    return problems(
        password, has_second_factor=has_second_factor, words=WORDS, common=COMMON
    )  # fmt: skip


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "seven brown horses",
        "紫色大象爬上屋顶看晚霞呀",
        "红薯 自行车 望远镜 雨",
        "tongxing purple elephant",
        "晋中的红苹果和会跑步的大象",
        "x7#Kq9!vTz2$",
        "    spaces  at  both    ",
        "🐘🐫🦒🐧🦉🐝🐞🦋🐌🐙🦀🐡",
    ],
)
def test_what_nobody_would_guess_may_be_chosen(password: str) -> None:
    assert found(password) == []


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("elevenchars", Problem.SHORT),
        ("a" * 50 + "bcdefg" * 14, Problem.LONG),
        ("password12345678", Problem.COMMON),
        ("Password!!2026!!", Problem.COMMON),
        ("P@ssw0rd20262026", Problem.COMMON),
        ("ｐａｓｓｗｏｒｄ１２３４５６", Problem.COMMON),
        ("passwordpassword", Problem.COMMON),
        ("dragondragondragon", Problem.COMMON),
        ("2026iloveyou2026", Problem.COMMON),
        ("1qaz2wsx3edc4rfv", Problem.SIMPLE),
        ("woaini5201314520", Problem.COMMON),
        ("晋中20261124", Problem.OWN),
        ("TongXing@2026!!", Problem.OWN),
        ("样例甲15400000001", Problem.OWN),
        ("yanglijia123456", Problem.OWN),
        ("my15400000001!", Problem.OWN),
        ("太谷中学123456", Problem.OWN),
        ("aaaaaaaaaaaaaaaa", Problem.SIMPLE),
        ("121212121212121", Problem.SIMPLE),
        ("123456789012345", Problem.SIMPLE),
        ("zyxwvutsrqponmlk", Problem.SIMPLE),
        ("qwertyuiopasdfg", Problem.SIMPLE),
    ],
)
def test_what_anybody_would_try_may_not(password: str, problem: Problem) -> None:
    assert problem in found(password)


def test_whoever_has_no_second_factor_needs_three_more_signs() -> None:
    twelve = "x7#Kq9!vTz2$"
    assert found(twelve, has_second_factor=True) == []
    assert found(twelve, has_second_factor=False) == [Problem.SHORT]
    assert found(twelve + "abc", has_second_factor=False) == []


def test_the_list_has_ten_thousand_words_and_fits_in_a_megabyte() -> None:
    assert len(COMMON) >= 10_000
    assert COMMON.size <= 1024 * 1024
    assert "password" in COMMON
    assert "" not in COMMON
    assert "password\nqwerty" not in COMMON
    assert "lone \ud800 surrogate" not in COMMON


def test_judging_a_password_is_quick() -> None:
    began = time.process_time()
    for _turn in range(20):
        found("a long pass phrase of no words that are common " * 2)
    assert (time.process_time() - began) / 20 < 0.05


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_judged(password: str) -> None:
    assert set(found(password)) <= set(Problem)
    if len(password) > LONGEST:
        assert Problem.LONG in found(password)


def test_level_3_asks_for_three_kinds_of_signs() -> None:
    def kinds(password: str) -> bool:
        asked = problems(password, has_second_factor=True, policy=LEVEL_3)
        return Problem.KINDS not in asked

    assert not kinds("correct horse battery")
    assert kinds("Correct horse battery")
    assert kinds("correct-horse-battery-7")
    assert not kinds("correcthorsebattery7")


def test_level_3_asks_for_a_new_password_after_ninety_days(
    browse_as: BrowseAs, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_profile", "mlps3")
    person_id = a_person(password_set_at=NOON).id
    set_clock(NOON + timedelta(days=89))
    browse_as(person_id).get("/home")
    set_clock(NOON + timedelta(days=90))
    browser = browse_as(person_id)

    page = browser.get("/home", status=302)
    assert browser.get("/account").notices[0].endswith("密码已经用满 90 天，请先换一个新的")
    browser.get("/inbox", status=302)
    services.set_password(person_id, "Seven Brown Horses 7", by=SITE)
    assert page.url == "/home"
    browse_as(person_id).get("/home")


def test_by_default_no_password_runs_out(browse_as: BrowseAs) -> None:
    browse_as(a_person(password_set_at=NOON - timedelta(days=1000)).id).get("/home")


def test_names_of_places_and_schools_are_no_passwords(app: Flask) -> None:
    a_county(name="太谷区", name_en="Taigu District")
    for password in ("太谷区20261124", "taigu-2026-11-24"):
        with pytest.raises(RuleBroken, match="本站的名字"):
            refuse_poor(password, Owner(has_second_factor=True))


def test_ones_own_name_and_mailbox_are_no_passwords(app: Flask) -> None:
    person = a_person(name="样例甲", email="zhang.sample@example.org", phone="15400000001")
    poor = ("样例甲样例甲样例甲123456", "yanglijia-20261124", "zhang.sample.2026", "x15400000001x")
    for password in poor:
        with pytest.raises(RuleBroken, match="姓名"):
            services.set_password(person.id, password, by=SITE)


def test_every_reason_is_told_in_words(browse_as: BrowseAs) -> None:
    browser = browse_as(a_person(password_hash=None).id)

    def errors(password: str) -> str:
        form = {"password": password, "again": password}
        return " ".join(browser.post("/account", form, status=422).errors)

    assert "至少 15 位" in errors("aaaaaaaa")
    assert "太有规律" in errors("aaaaaaaa")
    assert "最多 128 位" in errors(PASSWORD * 7)


def test_a_password_is_taken_as_it_was_typed(browse_as: BrowseAs, visitor: Browser) -> None:
    typed = "  紫色大象爬上屋顶看晚霞呀 <&> "
    browser = browse_as(a_person(email="me@example.org", password_hash=None).id)
    browser.post("/account", {"password": typed, "again": typed})

    visitor.post("/sign-in", {"login": "me@example.org", "password": typed.strip()}, status=422)
    assert visitor.post("/sign-in", {"login": "me@example.org", "password": typed}).url == "/home"
    assert db.session.scalars(select(Person.password_set_at)).one() == NOON


def test_a_password_field_may_be_pasted_into_and_looked_at(visitor: Browser) -> None:
    page = visitor.get("/sign-in")
    (field,) = page.soup.select("input[type=password]")
    (switch,) = page.soup.select("button[data-unveil]")
    assert switch["data-unveil"] == field["id"]
    assert switch.has_attr("hidden"), "without JavaScript it does nothing"
    assert not {"onpaste", "maxlength", "readonly"} & set(field.attrs)
    assert field["autocomplete"] == "current-password"
