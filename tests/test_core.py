"""The small parts everything stands on: clock, settings, seals, forms, pages of lists."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from wtforms import StringField, TextAreaField
from wtforms.validators import Optional

from core import clock, once, passwords
from core.config import SettingError, Settings
from core.crypto import Sealer, Unreadable
from core.db import db, transaction
from core.errors import RuleBroken
from core.forms import CodeField, DateField, Form, PhoneField, narrow, required
from core.paging import newest_first, page_of
from core.parameters import Parameter, ParameterValue, declare, value_on, values_on
from core.show import day, device, duration, hours, is_link, kept, listed, moment
from tests.conftest import NOON
from tests.factories import saved

# --- the clock -----------------------------------------------------------------------------


def test_the_demonstrations_clock_moves_for_whoever_follows_the_file(tmp_path: Path) -> None:
    clock.shiftable(tmp_path / "clock")
    try:
        assert clock.advance(timedelta(days=7)) == timedelta(days=7)
        assert clock.now() == NOON + timedelta(days=7)
        assert clock.advance(timedelta(hours=1)) == timedelta(days=7, hours=1)
    finally:
        clock.shiftable(None)
    assert clock.now() == NOON


def test_a_real_sites_clock_cannot_be_moved() -> None:
    with pytest.raises(RuntimeError):
        clock.advance(timedelta(days=1))


def test_the_day_begins_at_midnight_in_china(set_clock: Callable[[datetime], None]) -> None:
    set_clock(datetime(2026, 3, 1, 16, 30, tzinfo=UTC))
    assert clock.today() == date(2026, 3, 2)


# --- settings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TONGXING_DATABASE_URL", "mysql://x/y"),
        ("TONGXING_DATABASE_URL", "sqlite:///relative.db"),
        ("TONGXING_SITE_URL", "ftp://example.org"),
        ("TONGXING_SITE_URL", "http://[broken"),
        ("TONGXING_SMTP_URL", "mail.example.org"),
        ("TONGXING_DEMO", "perhaps"),
        ("TONGXING_DEMO_SIZE", "huge"),
        ("TONGXING_SCHEDULER", "2"),
        ("TONGXING_TICK_SECONDS", "never"),
        ("TONGXING_TICK_SECONDS", "0"),
        ("TONGXING_LEASE_SECONDS", "1"),
        ("TONGXING_SEND_CHUNK", "0"),
        ("TONGXING_SEND_CHUNK", "many"),
        ("TONGXING_LOG_LEVEL", "loud"),
        ("PORT", "70000"),
        ("PORT", "８０００"),
        ("TONGXING_SITE_URL", "https://tongxing.example"),  # and nobody said TONGXING_DEMO=0
        ("TONGXING_PROXIES", "1"),
        ("HOST", "0.0.0.0"),  # noqa: S104 - refused, that is the point
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_env(tmp_path, {name: value})
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", ["not hexadecimal", "abcd", ""])
def test_an_unusable_key_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(content)
    with pytest.raises(SettingError, match=r"^TONGXING_KEY_FILE: "):
        Settings.from_env(tmp_path, {})


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(SettingError, match=r"^TONGXING_HOME: "):
        Settings.from_env(tmp_path / "home", {})


def test_the_first_start_makes_secrets_only_the_owner_can_read(tmp_path: Path) -> None:
    first = Settings.from_env(tmp_path, {})
    again = Settings.from_env(tmp_path, {})

    assert (first.secret_key, first.keys) == (again.secret_key, again.keys)
    assert {oct((tmp_path / name).stat().st_mode & 0o777) for name in ("secret_key", "key")} == {
        "0o600"
    }


def test_a_postgresql_address_gets_its_driver(tmp_path: Path) -> None:
    settings = Settings.from_env(tmp_path, {"TONGXING_DATABASE_URL": "postgresql://u@h/d"})
    assert settings.database_url == "postgresql+psycopg://u@h/d"


# --- seals and passwords -------------------------------------------------------------------


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_at_its_place_only(text: str) -> None:
    sealer = Sealer(b"k" * 32)
    sealed = sealer.seal(text, "messages.address/1")

    assert sealer.open(sealed, "messages.address/1") == text
    for other, place in ((sealer, "messages.address/2"), (Sealer(b"x" * 32), "messages.address/1")):
        with pytest.raises(Unreadable):
            other.open(sealed, place)


def test_a_text_of_another_algorithm_is_refused() -> None:
    with pytest.raises(Unreadable):
        Sealer(b"k" * 32).open("AgEAAAAAAAAAAAAAAAAAAAAA", "x")


def test_a_password_matches_itself_only() -> None:
    stored = passwords.hashed("correct horse battery")
    assert passwords.matches(stored, "correct horse battery")
    assert not passwords.matches(stored, "correct horse batterz")
    assert not passwords.matches(None, "the password of nobody")
    assert not passwords.matches("not a hash", "x")


# --- forms ---------------------------------------------------------------------------------


class SampleForm(Form):
    name = StringField("name", [required()])
    phone = PhoneField("phone", [Optional()])
    born = DateField("born", [Optional()])
    code = CodeField("code", [Optional()])
    text = TextAreaField("text", [Optional()])


KEY = "k" * 22


def sent(app: Flask, **data: str) -> SampleForm:
    with app.test_request_context(method="POST", data={"form_key": KEY, "name": "王"} | data):
        form = SampleForm.of_request()
        form.validate()
        return form


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "１３８００１３８０００",
        "138 0013 8000",
        "+86 138-0013-8000",
        "\u200b13800138000",
    ],
)
def test_a_phone_number_is_read_however_it_is_written(app: Flask, typed: str) -> None:
    assert sent(app, phone=typed).phone.data == "13800138000"


@pytest.mark.parametrize(
    "typed", ["23800138000", "1380013800", "138001380000", "电话", "١٣٨٠٠١٣٨٠٠٠"]
)
def test_what_is_no_phone_number_is_told_beside_its_field(app: Flask, typed: str) -> None:
    assert sent(app, phone=typed).phone.errors


@pytest.mark.parametrize(
    "typed", ["2026-01-31", "2026.1.31", "２０２６-０１-３１", "2026/1/31", "2026年1月31日"]
)
def test_a_day_is_read_however_it_is_written(app: Flask, typed: str) -> None:
    assert sent(app, born=typed).born.data == date(2026, 1, 31)


@pytest.mark.parametrize(
    "typed", ["2026-02-30", "26", "tomorrow", "2026-13-01", "2026-1-1-1", "9" * 40]
)
def test_what_is_no_day_is_told_beside_its_field(app: Flask, typed: str) -> None:
    form = sent(app, born=typed)
    assert form.born.errors == ["没有这一天，请按 2026-01-31 的样子填写"]


@pytest.mark.parametrize("typed", ["a\x00b", "a\ud800b", "a\x1bb", "a\u202eb"])
def test_characters_nobody_types_are_refused(app: Flask, typed: str) -> None:
    with app.test_request_context(method="POST"):
        form = SampleForm(data={"name": typed})
        form.name.raw_data = [typed]
        form.form_key.data = KEY
        assert not form.validate()
        assert form.name.errors


def test_emoji_and_rare_characters_are_fine(app: Flask) -> None:
    assert not sent(app, name="𠮷田·阿依古丽🙂").errors


def test_too_long_is_told(app: Flask) -> None:
    assert sent(app, name="长" * 201).name.errors
    assert sent(app, text="长" * 2001).text.errors
    assert not sent(app, text="长" * 2000).errors


def test_missing_is_told(app: Flask) -> None:
    assert sent(app, name="  ").name.errors == ["请填写这一项"]


def test_a_form_without_its_key_has_to_be_sent_again(app: Flask) -> None:
    form = sent(app, form_key="")
    assert form.status == 422
    assert form.form_key.data


def test_the_same_form_is_carried_out_once(app: Flask) -> None:
    done: list[str] = []

    def act() -> str:
        done.append("x")
        return f"made {len(done)}"

    results = []
    for _turn in range(2):
        with app.test_request_context(method="POST", data={"form_key": KEY, "name": "王"}):
            form = SampleForm.of_request()
            assert form.carries_out(act)
            results.append(form.result)

    assert (done, results) == (["x"], ["made 1", "made 1"])


def test_a_refused_form_may_be_sent_again(app: Flask) -> None:
    def refuse() -> None:
        raise RuleBroken("不行")

    with app.test_request_context(method="POST", data={"form_key": KEY, "name": "王"}):
        form = SampleForm.of_request()
        assert not form.carries_out(refuse)
        assert form.form_errors == ["不行"]
        assert SampleForm.of_request().carries_out(lambda: None)


def test_old_keys_are_forgotten(app: Flask, set_clock: Callable[[datetime], None]) -> None:
    with transaction():
        assert once.claim(KEY)
    set_clock(NOON + once.KEPT + timedelta(days=1))
    assert once.purge() == 1
    with transaction():
        assert once.claim(KEY)


@given(st.text())
def test_narrowing_twice_is_narrowing_once(text: str) -> None:
    assert narrow(narrow(text)) == narrow(text)


# --- lists ---------------------------------------------------------------------------------


def _values(many: int) -> None:
    with transaction() as session:
        session.add_all(
            ParameterValue(
                name=f"n{place % 3}",
                effective_from=date(2026, 1, 1) + timedelta(place),
                value={},
                source="s",
            )
            for place in range(many)
        )


@pytest.mark.parametrize("walk", [page_of, newest_first])
def test_walking_a_list_meets_every_row_once(app: Flask, walk: Callable[..., object]) -> None:
    _values(23)
    keys = [ParameterValue.name, ParameterValue.effective_from, ParameterValue.id]
    met, after = [], None
    while True:
        page = walk(select(ParameterValue.id), keys, after=after, size=5)
        met += [row[0] for row in page.rows]  # type: ignore[attr-defined]  # both give a Page
        after = page.after  # type: ignore[attr-defined]
        if after is None:
            break

    ordered = db.session.scalars(select(ParameterValue.id).order_by(*keys)).all()
    assert met == (list(ordered) if walk is page_of else list(reversed(ordered)))


FORGED_KEYS = ([1, 10**21], [1, -(10**21)], ["\0", 1], ["\ud800", 1], [None, None], ["x", "x"])


@pytest.mark.parametrize("forged", [*map(json.dumps, FORGED_KEYS), "x", "{}", "[1]"])
def test_a_forged_page_name_is_no_error(app: Flask, forged: str) -> None:
    _values(3)
    keys = [ParameterValue.name, ParameterValue.id]
    page_of(select(ParameterValue.id), keys, after=urlsafe_b64encode(forged.encode()).decode())


@pytest.mark.parametrize("forged", ["x", "é", "WyJ4IiwgIngiXQ"])
def test_a_page_name_of_another_list_is_no_error(app: Flask, forged: str) -> None:
    _values(3)
    keys = [ParameterValue.effective_from, ParameterValue.id]
    page_of(select(ParameterValue.id), keys, after=forged)


# --- parameters ----------------------------------------------------------------------------


def test_a_parameter_is_overridden_from_its_day_on(app: Flask) -> None:
    declare(Parameter("test.most", 3, "most", "", "here", "D"))
    for value, since in ((5, date(2026, 2, 1)), (7, date(2026, 3, 1))):
        saved(
            ParameterValue(
                name="test.most", effective_from=since, value={"value": value}, source="s"
            )
        )

    asked = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 12, 1))
    assert [value_on("test.most", on) for on in asked] == [3, 5, 5, 7]
    assert [values_on(on)["test.most"] for on in asked] == [3, 5, 5, 7]


# --- how things look -----------------------------------------------------------------------


def test_days_and_moments_in_words(app: Flask) -> None:
    with app.test_request_context("/"):
        assert day(date(2026, 11, 24)) == "2026年11月24日 周二"
        assert moment(NOON) == "今天 12:00"
        assert moment(NOON + timedelta(days=1)) == "明天 12:00"
        assert moment(NOON + timedelta(days=9)) == "2026年12月3日 周四 12:00"
        assert [duration(timedelta(hours=n)) for n in (0.5, 5, 100)] == [
            "30 分钟",
            "5 小时",
            "4 天",
        ]
        assert (
            device("Mozilla/5.0 (Linux; Android 14) Chrome/1 MicroMessenger/8") == "微信 · Android"
        )
        assert device("curl") == "未知设备"
    with app.test_request_context("/en/"):
        pass
    assert [hours(n) for n in (30, 60, 95)] == ["0.5", "1", "1.6"]


def test_days_stay_whole_and_everything_else_is_escaped() -> None:
    assert kept("<b>走访：2026-11-24 12:30") == "&lt;b&gt;走访：<time>2026-11-24</time> 12:30"
    assert kept(date(2026, 2, 3)) == "<time>2026-02-03</time>"
    assert kept("12026-11-24") == "12026-11-24"


def test_several_values_are_a_line_and_none_a_dash() -> None:
    assert [listed(one) for one in ([40, 30], [], "08:30", 14)] == ["40, 30", "—", "08:30", 14]


def test_a_line_that_is_an_address_is_a_link() -> None:
    assert is_link(" http://127.0.0.1:8000/visits/x ")
    assert not is_link("登录后查看：http://127.0.0.1:8000")
