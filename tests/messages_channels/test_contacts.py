"""People choose by which ways they are reached, and prove that these are theirs."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.rules import Role
from core import ids
from core.audit import AuditRow
from core.db import db, transaction
from messages.contacts import services
from messages.contacts.grants import services as grants
from messages.contacts.models import ContactPoint, WxGrant
from messages.contacts.queries import kept, route
from messages.rules import Channel
from tests.browser import Browser
from tests.builders.channels import SECRET, a_channel, a_contact, the_contact
from tests.builders.people import a_grant, a_person
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.messages_channels.fake_vendors import Manner, Vendor, a_vendor
from tests.races import ENGINES, at_once, site_on

MINE = "15400000005"
READER = "oReader_1234567890abcdefghij"


@pytest.fixture
def me(app: Flask) -> int:
    person = a_person(phone=MINE, email="me@example.org")
    a_grant(person.id, Role.EDITOR)
    return person.id


@pytest.fixture
def browser(me: int, browse_as: BrowseAs) -> Browser:
    return browse_as(me, stepped_up=True)


@pytest.fixture
def vendor(app: Flask) -> Iterator[Vendor]:
    settings = app.extensions["settings"]
    with a_vendor() as running:
        elsewhere = dict.fromkeys(("aliyun_sms", "wecom", "wechat", "dingtalk"), running.url)
        object.__setattr__(settings, "vendor_urls", elsewhere)
        yield running
        object.__setattr__(settings, "vendor_urls", {})


def code_in(vendor: Vendor) -> str:
    return str(vendor.sends[-1].query["TemplateParam"])[10:16]


def an_sms_channel() -> None:
    a_channel(Channel.ALIYUN_SMS, known={"templates": "contact_code = SMS_9 code"})


def test_mails_go_out_without_being_asked_for(me: int) -> None:
    other = a_person(phone="15400000006", email=None).id
    found = route([me, other])
    assert found == {me: [(Channel.EMAIL, "me@example.org")], other: []}


def test_nobody_who_is_shut_out_has_a_way(app: Flask) -> None:
    gone = a_person(email="gone@example.org", disabled_at=NOON).id
    assert route([gone]) == {}


def test_a_number_is_proved_by_the_code_that_was_sent_there(
    browser: Browser, me: int, vendor: Vendor
) -> None:
    an_sms_channel()
    assert "短信（阿里云）" in browser.get("/account/contacts").text
    browser.post("/account/contacts/aliyun_sms", {"address": "154 0000 0009"})
    assert vendor.sends[0].query["PhoneNumbers"] == "15400000009"
    assert route([me]) == {me: [(Channel.EMAIL, "me@example.org")]}
    wrong = browser.post("/account/contacts/aliyun_sms/code", {"code": "000000"}, status=422)
    assert "验证码不对" in wrong.text
    browser.post("/account/contacts/aliyun_sms/code", {"code": code_in(vendor)})
    assert route([me])[me] == [
        (Channel.EMAIL, "me@example.org"),
        (Channel.ALIYUN_SMS, "15400000009"),
    ]
    assert "15400000009" not in str(the_contact(me, Channel.ALIYUN_SMS).address)
    deeds = db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "contact")).all()
    assert deeds == ["contact_added", "contact_proved"]


def test_a_code_works_once_for_ten_minutes_and_five_tries(
    browser: Browser, me: int, vendor: Vendor, set_clock: SetClock, browse_as: BrowseAs
) -> None:
    an_sms_channel()
    url = "/account/contacts/aliyun_sms"
    browser.post(url, {"address": MINE})
    for _turn in range(5):
        browser.post(f"{url}/code", {"code": "000000"}, status=422)
    browser.post(f"{url}/code", {"code": code_in(vendor)}, status=422)
    browser.post(url, {"address": MINE})
    set_clock(NOON + timedelta(minutes=11))
    late = browse_as(me, stepped_up=True)
    late.post(f"{url}/code", {"code": code_in(vendor)}, status=422)
    late.post(url, {"address": MINE})
    late.post(f"{url}/code", {"code": code_in(vendor)})
    late.post(f"{url}/code", {"code": code_in(vendor)}, status=422)
    assert the_contact(me, Channel.ALIYUN_SMS).verified_at is not None


def test_another_number_has_to_be_proved_anew(browser: Browser, me: int, vendor: Vendor) -> None:
    an_sms_channel()
    a_contact(me, Channel.ALIYUN_SMS, MINE)
    browser.post("/account/contacts/aliyun_sms", {"address": "15400000009"})
    assert route([me])[me] == [(Channel.EMAIL, "me@example.org")]


def test_codes_are_limited_for_who_asks_and_for_whom_they_reach(
    browser: Browser, vendor: Vendor, browse_as: BrowseAs
) -> None:
    an_sms_channel()
    for _turn in range(5):
        browser.post("/account/contacts/aliyun_sms", {"address": MINE})
    browser.post("/account/contacts/aliyun_sms", {"address": "15400000009"}, status=429)
    other = browse_as(a_person(phone="15400000008").id, stepped_up=True)
    other.post("/account/contacts/aliyun_sms", {"address": MINE}, status=429)
    assert len(vendor.sends) == 5


def test_a_code_that_could_not_be_sent_says_so(browser: Browser, vendor: Vendor) -> None:
    an_sms_channel()
    vendor.answers["SendSms/aliyun"] = {"Code": "isv.OUT_OF_SERVICE"}
    page = browser.post("/account/contacts/aliyun_sms", {"address": MINE}, status=422)
    assert "没有发出去" in page.text


def test_a_code_nobody_knows_about_may_have_come(
    browser: Browser, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messages.channels.calls.TIMEOUT", 0.4)
    an_sms_channel()
    vendor.manner = Manner.HANGS
    page = browser.post("/account/contacts/aliyun_sms", {"address": MINE})
    assert "验证码已发出" in page.text


@pytest.mark.parametrize(
    ("name", "address"),
    [("aliyun_sms", "12345"), ("wecom", "a b"), ("wecom", "-x"), ("wecom", "<script>")],
)
def test_an_address_that_is_none_is_refused(
    browser: Browser, vendor: Vendor, name: str, address: str
) -> None:
    a_channel(Channel(name))
    browser.post(f"/account/contacts/{name}", {"address": address}, status=422)
    assert vendor.sends == []


def test_a_channel_that_is_off_cannot_be_chosen_and_carries_nothing(
    browser: Browser, me: int
) -> None:
    a_channel(Channel.WECOM, enabled=False)
    a_contact(me, Channel.WECOM, "zhang")
    browser.get("/account/contacts/wecom", status=404)
    assert "本站已关闭" in browser.get("/account/contacts").text
    assert route([me])[me] == [(Channel.EMAIL, "me@example.org")]


def test_the_order_is_ones_own(browser: Browser, me: int) -> None:
    a_channel(Channel.WECOM)
    a_channel(Channel.ALIYUN_SMS)
    a_contact(me, Channel.WECOM, "zhang", place=1)
    a_contact(me, Channel.ALIYUN_SMS, MINE, place=2)
    browser.post("/account/contacts/aliyun_sms/first")
    ways = [channel for channel, _address in route([me])[me]]
    assert ways == [Channel.ALIYUN_SMS, Channel.EMAIL, Channel.WECOM]
    browser.post("/account/contacts/email/first")
    assert route([me])[me][0] == (Channel.EMAIL, "me@example.org")


def test_who_opts_out_gets_nothing_there_but_what_is_about_safety(
    browser: Browser, me: int
) -> None:
    a_channel(Channel.WECOM)
    a_contact(me, Channel.WECOM, "zhang")
    browser.post("/account/contacts/wecom/leave")
    browser.post("/account/contacts/email/leave")
    browser.post("/account/contacts/email/leave")
    assert route([me]) == {me: []}
    assert route([me], safety=True) == {me: [(Channel.EMAIL, "me@example.org")]}
    browser.post("/account/contacts/wecom/back")
    assert route([me]) == {me: [(Channel.WECOM, "zhang")]}


def test_a_way_can_be_forgotten_but_not_the_accounts_own(browser: Browser, me: int) -> None:
    a_channel(Channel.WECOM)
    a_contact(me, Channel.WECOM, "zhang")
    browser.post("/account/contacts/wecom/remove")
    browser.post("/account/contacts/wecom/remove", status=404)
    browser.post("/account/contacts/email/leave")
    browser.post("/account/contacts/email/remove", status=404)
    assert [one.channel for one in kept(me)] == [Channel.EMAIL]


def test_nobody_changes_anothers_ways(browser: Browser, me: int) -> None:
    a_channel(Channel.WECOM)
    other = a_person(phone="15400000008").id
    a_contact(other, Channel.WECOM, "li")
    for verb in ("first", "back", "remove"):
        browser.post(f"/account/contacts/wecom/{verb}", status=404)
    browser.post("/account/contacts/wecom/leave")
    assert route([other])[other][-1] == (Channel.WECOM, "li")


def test_an_address_that_bounces_for_ever_is_given_up_with_a_task(
    browser: Browser, me: int, browse_as: BrowseAs
) -> None:
    assert [services.came_back(me, Channel.EMAIL) for _turn in range(4)] == [
        False, False, True, False,
    ]  # fmt: skip
    assert route([me]) == {me: []}
    assert route([me], safety=True) == {me: []}
    assert "有联系方式不通" in browser.get("/home").text
    assert "连续退信" in browser.get("/account/contacts").text
    browser.post("/account/contacts/email/back")
    assert route([me])[me] == [(Channel.EMAIL, "me@example.org")]
    assert "有联系方式不通" not in browser.get("/home").text


def test_only_what_comes_back_in_a_row_gives_a_way_up(me: int) -> None:
    for _turn in range(3):
        services.came_back(me, Channel.EMAIL)
        services.came_back(me, Channel.EMAIL)
        services.arrived(me, Channel.EMAIL)
    assert route([me])[me] == [(Channel.EMAIL, "me@example.org")]


def test_an_address_that_does_not_open_is_passed_over(me: int) -> None:
    a_channel(Channel.WECOM)
    point = a_contact(me, Channel.WECOM, "zhang")
    with transaction():
        point.uid = ids.uid()
    assert route([me])[me] == [(Channel.EMAIL, "me@example.org")]


def test_ways_of_many_cost_two_questions(app: Flask, at_most: AtMost) -> None:
    a_channel(Channel.WECOM)
    people = [a_person(email=f"p{n}@example.org").id for n in range(20)]
    for person_id in people:
        a_contact(person_id, Channel.WECOM, f"u{person_id}")
    db.session.rollback()
    with at_most(2):
        assert all(len(ways) == 2 for ways in route(people).values())


def test_the_page_asks_little_of_the_database(browser: Browser, me: int, at_most: AtMost) -> None:
    for channel in (Channel.WECOM, Channel.WECHAT, Channel.ALIYUN_SMS):
        a_channel(channel)
        a_contact(me, channel, "zhang")
    with at_most(7):
        browser.get("/account/contacts")


def test_who_is_erased_leaves_no_way_behind(app: Flask, me: int) -> None:
    a_contact(me, Channel.WECOM, "zhang")
    grants.add(me, "r" * 64, "t" * 64)
    services.opt_out(me, Channel.EMAIL)
    services.forget(me)
    db.session.rollback()
    assert (kept(me), grants.left(me)) == ([], 0)


# --- WeChat ---------------------------------------------------------------------------------------


def told(page_url: str) -> dict[str, str]:
    from_query = dict(part.partition("=")[::2] for part in page_url.partition("?")[2].split("&"))
    return {name: value.partition("#")[0] for name, value in from_query.items()}


def agreed(browser: Browser, reserved: str, status: int = 302, **given: str) -> None:
    answer = {
        "openid": READER,
        "template_id": f"{SECRET}-template_id",
        "action": "confirm",
        "scene": "1000",
        "reserved": reserved,
    }
    browser.get("/account/contacts/wechat/agreed", status=status, query_string=answer | given)


def test_each_subscription_is_good_for_one_message(
    browser: Browser, me: int, vendor: Vendor
) -> None:
    a_channel(Channel.WECHAT)
    for _turn in range(2):
        answer = browser.client.get("/account/contacts/wechat/subscribe")
        where = answer.headers["Location"]
        assert where.startswith(f"{vendor.url}/mp/subscribemsg?action=get_confirm")
        reserved = told(where)["reserved"]
        agreed(browser, reserved)
        agreed(browser, reserved, status=409)  # the same answer again, by the back button
    assert (Channel.WECHAT, READER) in route([me])[me]
    assert grants.left(me) == 2
    template = ids.digest(f"{SECRET}-template_id")
    spent = [grants.spend(ids.digest(READER), template) for _turn in range(3)]
    assert spent == [True, True, False]
    grants.give_back(ids.digest(READER), template)
    assert "还能收 1 条" in browser.get("/account/contacts").text


@pytest.mark.parametrize("given", [{"reserved": "x"}, {"openid": "短"}, {"openid": "o" * 99}])
def test_nobody_is_subscribed_by_a_link(
    browser: Browser, me: int, vendor: Vendor, given: dict[str, str]
) -> None:
    a_channel(Channel.WECHAT)
    answer = browser.client.get("/account/contacts/wechat/subscribe")
    reserved = told(answer.headers["Location"])["reserved"]
    agreed(browser, **{"reserved": reserved} | given, status=409)
    assert db.session.scalars(select(WxGrant.id)).all() == []


def test_who_says_no_at_wechat_is_left_alone(browser: Browser, me: int, vendor: Vendor) -> None:
    a_channel(Channel.WECHAT)
    answer = browser.client.get("/account/contacts/wechat/subscribe")
    agreed(browser, told(answer.headers["Location"])["reserved"], action="cancel")
    assert db.session.scalars(select(ContactPoint.id)).all() == []


@pytest.mark.parametrize("engine", ENGINES)
def test_one_grant_is_spent_by_one_of_many(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as site:
        me = a_person().id
        for _turn in range(5):
            grants.add(me, "r" * 64, "t" * 64)
        spent: list[bool] = []
        at_once(site, *[lambda: spent.append(grants.spend("r" * 64, "t" * 64))] * 12)
        assert sorted(spent) == [False] * 7 + [True] * 5
