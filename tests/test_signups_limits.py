"""Nobody can make this site pester somebody by typing their number again and again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from accounts.rules import Role
from campaigns.signups.models import SignUp
from campaigns.signups.services import may_write_to
from core.db import db
from core.limits import TooMany
from messages.models import Message
from tests.browser import Browser
from tests.builders.campaigns import a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.conftest import NOON, BrowseAs, SetClock

Join = Callable[..., TestResponse]


@pytest.fixture
def join(app: Flask) -> Join:
    """Sign up on the page of a slot, from an address."""
    browser = Browser(app)
    keys = browser.get("/sign-in").form()
    sent = iter(range(10**6))

    def send(slot: str, contact: str, *, address: str = "192.0.2.1") -> TestResponse:
        form = {"csrf_token": keys["csrf_token"], "form_key": f"{next(sent):020}"}
        form |= {"name": "李样例", "contact": contact, "org": "示例大学", "agree": "y"}
        with app.app_context():
            answer = browser.client.post(
                f"/slots/{slot}/join", data=form, environ_overrides={"REMOTE_ADDR": address}
            )
        db.session.rollback()
        return answer

    return send


def slots(many: int) -> list[str]:
    return [a_slot(capacity=1000).uid for _slot in range(many)]


def counted(model: type[SignUp | Message]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_five_hundred_sign_ups_of_one_mailbox_cause_three_messages(
    join: Join, set_clock: SetClock
) -> None:
    many = slots(10)
    answers = set()
    for number in range(10):
        set_clock(NOON + timedelta(minutes=number))
        answer = join(many[number], "Li@example.org", address=f"192.0.2.{number}")
        told = answer.headers["Location"].partition("&slot=")[0]
        answers.add((answer.status_code, told))
    for number in range(10, 500):
        set_clock(NOON + timedelta(minutes=number))
        assert not may_write_to("li@example.org", address=f"192.0.2.{number % 100}")
    assert counted(Message) == counted(SignUp) == 3
    assert answers == {(302, "/sign-ups/sent?via=mail")}, "the same answer every time"

    set_clock(NOON + timedelta(days=1))
    join(many[9], "li@example.org")
    assert counted(Message) == 4


def test_within_a_minute_the_second_one_does_not_count(join: Join, set_clock: SetClock) -> None:
    one, other = slots(2)
    join(one, "15400000001")
    set_clock(NOON + timedelta(seconds=59))
    assert join(other, "154 0000 0001").status_code == 302
    assert counted(SignUp) == 1
    set_clock(NOON + timedelta(seconds=60))
    join(other, "15400000001")
    assert counted(SignUp) == 2


def test_five_hundred_numbers_from_one_address_are_sixty_an_hour(
    join: Join, set_clock: SetClock
) -> None:
    (slot,) = slots(1)
    taken = [join(slot, f"154{number:08}").status_code for number in range(65)]
    assert taken == [302] * 60 + [429] * 5
    for number in range(65, 500):
        with pytest.raises(TooMany):
            may_write_to(f"154{number:08}", address="192.0.2.1")
    assert counted(SignUp) == 60
    assert join(slot, "15499999999", address="192.0.2.2").status_code == 302

    set_clock(NOON + timedelta(hours=1))
    assert join(slot, "15499999998").status_code == 302


def test_the_page_says_so_to_everybody_alike(visitor: Browser) -> None:
    text = visitor.get("/sign-ups/sent").text
    assert "一分钟只收一次报名，一天最多三次" in text


def test_a_form_with_mistakes_costs_no_try(join: Join) -> None:
    one, other = slots(2)
    assert join(one, "not a contact").status_code == 422
    assert join(other, "li@example.org").status_code == 302
    assert counted(SignUp) == 1


@pytest.mark.parametrize(
    ("role", "url"), [(Role.ADMIN, "/people?q={}"), (Role.COORDINATOR, "/volunteers?q={}")]
)
def test_people_are_searched_for_sixty_times_a_minute(
    browse_as: BrowseAs, set_clock: SetClock, role: Role, url: str
) -> None:
    browser = browse_as(a_member_of_staff(role, area_id=a_county().id))
    for number in range(60):
        browser.get(url.format(f"样{number}"))
    assert browser.get(url.format("样"), status=429).heading == "操作太频繁，请稍后再试"
    browser.get(url.format(""))
    set_clock(NOON + timedelta(minutes=1))
    browser.get(url.format("样"))


def test_looking_for_team_members_is_a_search_too(browse_as: BrowseAs) -> None:
    browser = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    for _turn in range(60):
        browser.post("/teams/new", {"q": "样", "find": "1"}, status=200)
    browser.post("/teams/new", {"q": "样", "find": "1"}, status=429)
