"""An administrator sets channels up; what was typed is sealed, and shown to nobody again."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts.rules import SITE, Role
from core.audit import AuditRow
from core.config import SettingError, _vendor_urls
from core.db import db, transaction
from core.errors import RuleBroken
from messages.channels import services
from messages.channels.aliyun_sms import AliyunSms
from messages.channels.models import ChannelSetting
from messages.channels.needs import NEEDS
from messages.channels.queries import channel as shown
from messages.channels.services import opened, ways
from messages.channels.wecom import Wecom
from messages.rules import Channel, Outcome
from tests.browser import Browser
from tests.builders.channels import KNOWN, SECRET, a_channel
from tests.builders.people import a_grant, a_member_of_staff, a_person
from tests.conftest import AtMost, BrowseAs
from tests.messages_channels.fake_vendors import Vendor, a_vendor


@pytest.fixture
def admin_id(app: Flask) -> int:
    person = a_person(phone="15400000077", email="admin@example.org")
    a_grant(person.id, Role.ADMIN)
    return person.id


@pytest.fixture
def admin(admin_id: int, browse_as: BrowseAs) -> Browser:
    return browse_as(admin_id, stepped_up=True)


@pytest.fixture
def vendor(app: Flask) -> Iterator[Vendor]:
    """A vendor's server that all channels of this site lead to."""
    settings = app.extensions["settings"]
    with a_vendor() as running:
        elsewhere = {channel.value: running.url for channel in NEEDS}
        object.__setattr__(settings, "vendor_urls", elsewhere)
        yield running
        object.__setattr__(settings, "vendor_urls", {})


def row_of(channel: Channel) -> ChannelSetting:
    db.session.rollback()
    return db.session.scalars(select(ChannelSetting).where(ChannelSetting.channel == channel)).one()


def typed(channel: Channel) -> dict[str, str]:
    return {name: KNOWN[name] for name in NEEDS[channel]}


@pytest.mark.parametrize("channel", list(NEEDS))
def test_what_is_typed_is_sealed_and_never_shown(admin: Browser, channel: Channel) -> None:
    url = f"/messages/channels/{channel.value}"
    page = admin.post(url, typed(channel))
    assert "已密封保存" in page.text
    for again in (page, admin.get(url), admin.get("/messages/channels"), admin.get("/messages")):
        assert SECRET not in again.html
        assert "SMS_1" not in again.html.replace("SMS_1234", "")
    row = row_of(channel)
    assert SECRET not in str(row.secrets)
    assert opened(row) == typed(channel)
    audited = db.session.scalars(select(AuditRow).where(AuditRow.action == "channel_set")).one()
    assert (audited.ref, audited.fields) == (channel.value, sorted(NEEDS[channel]))
    assert SECRET not in audited.reason


def test_what_is_left_empty_stays(admin: Browser) -> None:
    a_channel(Channel.WECOM)
    admin.post("/messages/channels/wecom", {"agent_id": "7", "corp_id": "", "key_secret": ""})
    assert opened(row_of(Channel.WECOM)) == typed(Channel.WECOM) | {"agent_id": "7"}
    refused = admin.post("/messages/channels/wecom", {}, status=422)
    assert "什么也没有填" in refused.text


@pytest.mark.parametrize(
    ("channel", "given", "said"),
    [
        ("wecom", {"agent_id": "abc"}, "应用编号是数字"),
        ("aliyun_sms", {"templates": "* = 1\nvisit_t2d = SMS_1 who:name"}, "第 2 行"),
    ],
)
def test_what_cannot_work_is_refused(
    admin: Browser, channel: str, given: dict[str, str], said: str
) -> None:
    page = admin.post(f"/messages/channels/{channel}", given, status=422)
    assert said in page.text
    assert db.session.scalars(select(ChannelSetting.id)).all() == []


def test_a_channel_is_switched_on_once_it_is_complete(admin: Browser) -> None:
    url = "/messages/channels/dingtalk"
    admin.post(url, {"token": "t"})
    assert "填齐了才能开启" in admin.post(f"{url}/switch/on", status=409).text
    admin.post(url, {"key_secret": "SECx"})
    assert "已开启" in admin.post(f"{url}/switch/on").text
    assert row_of(Channel.DINGTALK).enabled
    admin.post(f"{url}/switch/off")
    assert not row_of(Channel.DINGTALK).enabled
    deeds = db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "channel")).all()
    assert {"channel_opened", "channel_closed"} <= set(deeds)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_sets_a_channel_up(app: Flask, browse_as: BrowseAs, role: Role) -> None:
    other = browse_as(a_member_of_staff(role), stepped_up=True)
    for path in ("/messages/channels", "/messages/channels/wecom"):
        other.get(path, status=403)
    other.post("/messages/channels/wecom/switch/on", status=403)


def test_setting_up_asks_for_a_fresh_proof(admin_id: int, browse_as: BrowseAs) -> None:
    tired = browse_as(admin_id)
    tired.get("/messages/channels/wecom", status=302)
    tired.post("/messages/channels/wecom", {"agent_id": "7"}, status=302, follow=False)
    assert db.session.scalars(select(ChannelSetting.id)).all() == []


def test_a_trial_goes_to_oneself_only(admin: Browser, vendor: Vendor) -> None:
    a_channel(Channel.ALIYUN_SMS)
    page = admin.post("/messages/channels/aliyun_sms/try")
    assert "对方收下了" in page.text
    (asked,) = vendor.sends
    assert asked.query["PhoneNumbers"] == "15400000077"
    assert row_of(Channel.ALIYUN_SMS).tested is Outcome.ACCEPTED
    vendor.answers["SendSms/aliyun"] = {"Code": "isv.OUT_OF_SERVICE"}
    assert "没有发出 isv.OUT_OF_SERVICE" in admin.post("/messages/channels/aliyun_sms/try").text


def test_a_trial_mail_lies_in_the_outbox(admin: Browser, app: Flask) -> None:
    assert "对方收下了" in admin.post("/messages/channels/email/try").text
    (mail,) = (app.extensions["settings"].home / "outbox").glob("*.eml")
    assert "admin@example.org" in mail.read_text()


def test_without_an_own_account_there_nothing_is_tried(admin: Browser, vendor: Vendor) -> None:
    a_channel(Channel.WECOM)
    assert "先在自己的" in admin.post("/messages/channels/wecom/try", status=409).text
    admin.post("/messages/channels/dingtalk/try", status=409)
    assert vendor.asked == []


def test_trials_are_limited(admin: Browser, vendor: Vendor) -> None:
    a_channel(Channel.ALIYUN_SMS)
    for _turn in range(10):
        admin.post("/messages/channels/aliyun_sms/try")
    admin.post("/messages/channels/aliyun_sms/try", status=429)
    assert len(vendor.sends) == 10


def test_ways_are_those_that_are_on_and_a_change_acts_at_once(app: Flask, vendor: Vendor) -> None:
    settings = app.extensions["settings"]
    always = {Channel.EMAIL, Channel.CONSOLE, Channel.FILE}
    assert set(ways(settings)) == always
    a_channel(Channel.WECOM)
    a_channel(Channel.ALIYUN_SMS, enabled=False)
    found = ways(settings)
    assert set(found) == always | {Channel.WECOM}
    wecom = found[Channel.WECOM]
    assert isinstance(wecom, Wecom)
    assert (wecom.url, wecom.agent_id) == (vendor.url, 1000002)
    assert ways(settings)[Channel.WECOM] is wecom  # with its token
    services.set_secrets(Channel.WECOM, {"agent_id": "5"}, by=SITE)
    assert ways(settings)[Channel.WECOM] is not wecom
    services.switch(Channel.ALIYUN_SMS, enabled=True, by=SITE)
    assert isinstance(ways(settings)[Channel.ALIYUN_SMS], AliyunSms)
    services.switch(Channel.WECOM, enabled=False, by=SITE)
    assert Channel.WECOM not in ways(settings)


def test_secrets_that_do_not_open_close_one_channel_only(app: Flask, admin: Browser) -> None:
    a_channel(Channel.WECOM)
    a_channel(Channel.DINGTALK)
    with transaction() as session:
        other = select(ChannelSetting.secrets).where(ChannelSetting.channel == Channel.DINGTALK)
        whose = update(ChannelSetting).where(ChannelSetting.channel == Channel.WECOM)
        session.execute(whose.values(secrets=other.scalar_subquery(), version=9))
    assert Channel.WECOM not in ways(app.extensions["settings"])
    assert Channel.DINGTALK in ways(app.extensions["settings"])
    assert shown(Channel.WECOM).unreadable
    assert "打不开" in admin.get("/messages/channels").text
    with pytest.raises(RuleBroken, match="打不开"):
        services.switch(Channel.WECOM, enabled=True, by=SITE)
    admin.post("/messages/channels/wecom", typed(Channel.WECOM))
    assert Channel.WECOM in ways(app.extensions["settings"])


def test_a_channel_that_is_not_ours_is_not_there(admin: Browser) -> None:
    for name in ("inapp", "console", "fax"):
        admin.get(f"/messages/channels/{name}", status=404)
    admin.post("/messages/channels/wecom/receipts", status=404)


def test_the_page_asks_little_of_the_database(admin: Browser, at_most: AtMost) -> None:
    for channel in NEEDS:
        a_channel(channel)
    with at_most(6):
        admin.get("/messages/channels")
    with at_most(6):
        admin.get("/messages/channels/wecom")


def test_no_log_and_no_error_of_a_channel_holds_its_secrets(
    app: Flask, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    for channel in NEEDS:
        a_channel(channel)
    settings = app.extensions["settings"]
    told = json.dumps([repr(way) for way in ways(settings).values()])
    assert SECRET not in told
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("http://sms.example.org", "http:// is for this machine only"),
        ("ftp://127.0.0.1", "not an address"),
        ("sms.example.org", "not an address"),
    ],
)
def test_an_address_of_a_vendor_is_checked_at_the_start(given: str, said: str) -> None:
    with pytest.raises(SettingError, match=f"TONGXING_ALIYUN_SMS_URL: {said}"):
        _vendor_urls({"TONGXING_ALIYUN_SMS_URL": given})


def test_addresses_of_vendors_are_settings() -> None:
    env = {
        "TONGXING_WECOM_URL": "https://proxy.example.org/",
        "TONGXING_DINGTALK_URL": "http://127.0.0.1:9",
    }
    assert _vendor_urls(env) == {
        "wecom": "https://proxy.example.org",
        "dingtalk": "http://127.0.0.1:9",
    }
