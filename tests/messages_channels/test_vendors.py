"""What each vendor is sent, and what its answers mean, over real sockets on loopback."""

import time
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from messages.channels import calls
from messages.channels.calls import trust
from messages.channels.rules import Crash, Found, Outgoing, Sent, Text
from messages.channels.signing import Keys, Posted, tc3
from messages.channels.templates import Template, Unreadable, parsed, template_for
from messages.channels.wechat import Grants, Wechat
from messages.channels.wechat import tokens_of as wechat_tokens
from messages.delivery.leases.services import LEASE
from messages.rules import Channel, Outcome
from tests.conftest import NOON
from tests.messages_channels.fake_vendors import HELLO, TEMPLATES, WAYS, Manner, a_vendor
from tests.servers import free_port

VENDORS = pytest.mark.parametrize("channel", list(WAYS))
TODAY = date(2026, 11, 24)
AFTER_THE_REQUEST = [
    (Manner.OK, Outcome.ACCEPTED),
    (Manner.HANGS, Outcome.UNKNOWN),
    (Manner.FAILS, Outcome.UNKNOWN),
    (Manner.DRIPS, Outcome.UNKNOWN),
    (Manner.NO_JSON, Outcome.UNKNOWN),
    (Manner.A_LIST, Outcome.UNKNOWN),
    (Manner.TOO_DEEP, Outcome.UNKNOWN),
    (Manner.CUTS, Outcome.UNKNOWN),
    (Manner.HALF, Outcome.UNKNOWN),
    (Manner.ENDLESS, Outcome.UNKNOWN),
    (Manner.REDIRECTS, Outcome.RETRY),
]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "TIMEOUT", 0.4)


@VENDORS
@pytest.mark.parametrize(("manner", "outcome"), AFTER_THE_REQUEST)
def test_what_is_not_answered_well_is_never_taken_for_refused(
    channel: Channel, manner: Manner, outcome: Outcome, soon: None
) -> None:
    with a_vendor(manner) as vendor:
        began = time.monotonic()
        assert WAYS[channel](vendor.url).send(HELLO).outcome is outcome
        assert time.monotonic() - began < 3
        assert len(vendor.sends) == 1  # tried once, and led nowhere else


@VENDORS
def test_a_vendor_that_accepts_and_never_reads_is_unknown_or_not_asked(
    channel: Channel, soon: None
) -> None:
    with a_vendor(Manner.SILENT, Manner.SILENT) as vendor:
        sent = WAYS[channel](vendor.url).send(HELLO)
    token_first = channel in {Channel.WECOM, Channel.WECHAT}
    assert sent.outcome is (Outcome.RETRY if token_first else Outcome.UNKNOWN)


@VENDORS
def test_a_vendor_that_refuses_the_connection_is_tried_again(channel: Channel) -> None:
    sent = WAYS[channel](f"http://127.0.0.1:{free_port()}").send(HELLO)
    assert sent.outcome is Outcome.RETRY
    assert "ConnectionRefusedError" in sent.code


@VENDORS
def test_a_name_nobody_knows_has_sent_nothing(channel: Channel, soon: None) -> None:
    assert WAYS[channel]("http://nowhere.invalid").send(HELLO).outcome is Outcome.RETRY


@VENDORS
def test_over_tls_a_server_nobody_vouches_for_is_told_nothing(channel: Channel) -> None:
    with a_vendor() as vendor:
        sent = WAYS[channel](vendor.url.replace("http:", "https:")).send(HELLO)
        assert (sent.outcome, vendor.asked) == (Outcome.RETRY, [])
    assert trust().check_hostname


@pytest.mark.parametrize("channel", [Channel.WECOM, Channel.WECHAT])
@pytest.mark.parametrize("manner", [one for one in Manner if one is not Manner.OK])
def test_without_a_token_nothing_has_been_sent(
    channel: Channel, manner: Manner, soon: None
) -> None:
    with a_vendor(tokens=manner) as vendor:
        began = time.monotonic()
        assert WAYS[channel](vendor.url).send(HELLO).outcome is Outcome.RETRY
        assert time.monotonic() - began < 3
        assert vendor.sends == []


@pytest.mark.parametrize("channel", [Channel.WECOM, Channel.WECHAT])
def test_a_token_is_kept_until_it_is_refused(channel: Channel) -> None:
    with a_vendor() as vendor:
        way = WAYS[channel](vendor.url)
        assert [way.send(HELLO).outcome for _turn in range(3)] == [Outcome.ACCEPTED] * 3
        assert (len(vendor.asked), len(vendor.sends)) == (4, 3)
        for path in ("/cgi-bin/message/send", "/cgi-bin/message/template/subscribe"):
            vendor.answers[path] = {"errcode": 42001, "errmsg": "access_token expired"}
        assert way.send(HELLO) == Sent(Outcome.RETRY, "42001")
        assert len(vendor.asked) - len(vendor.sends) == 2  # fetched anew, and refused again


def test_one_exchange_fits_well_into_a_lease() -> None:
    assert LEASE.total_seconds() / 3 > calls.TIMEOUT


REFUSED = [
    (Channel.ALIYUN_SMS, "SendSms/aliyun", {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, "rejected"),
    (Channel.ALIYUN_SMS, "SendSms/aliyun", {"Code": "isv.BUSINESS_LIMIT_CONTROL"}, "retry"),
    (Channel.ALIYUN_SMS, "SendSms/aliyun", {"Code": "isp.SYSTEM_ERROR"}, "unknown"),
    (
        Channel.ALIYUN_SMS,
        "SendSms/aliyun",
        ("400 Bad Request", {"Code": "SignatureDoesNotMatch"}),
        "retry",
    ),
    (
        Channel.TENCENT_SMS,
        "SendSms/tencent",
        {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}},
        "retry",
    ),
    (
        Channel.TENCENT_SMS,
        "SendSms/tencent",
        {"Response": {"Error": {"Code": "InternalError.Timeout"}}},
        "unknown",
    ),
    (
        Channel.TENCENT_SMS,
        "SendSms/tencent",
        {"Response": {"SendStatusSet": [{"Code": "FailedOperation.PhoneNumberInBlacklist"}]}},
        "rejected",
    ),
    (Channel.TENCENT_SMS, "SendSms/tencent", {"Response": {"SendStatusSet": []}}, "unknown"),
    (Channel.WECOM, "/cgi-bin/message/send", {"errcode": 81013}, "rejected"),
    (Channel.WECOM, "/cgi-bin/message/send", {"errcode": 45009}, "retry"),
    (
        Channel.WECOM,
        "/cgi-bin/message/send",
        {"errcode": 0, "invaliduser": "15400000001"},
        "rejected",
    ),
    (Channel.WECHAT, "/cgi-bin/message/template/subscribe", {"errcode": 43101}, "rejected"),
    (Channel.WECHAT, "/cgi-bin/message/template/subscribe", {"errcode": -1}, "unknown"),
    (Channel.DINGTALK, "/robot/send", {"errcode": 130101}, "retry"),
    (Channel.DINGTALK, "/robot/send", {"errcode": "<b>words</b>"}, "retry"),
]


@pytest.mark.parametrize(("channel", "action", "said", "outcome"), REFUSED)
def test_a_refusal_is_the_messages_or_the_accounts(
    channel: Channel, action: str, said: object, outcome: str
) -> None:
    with a_vendor() as vendor:
        vendor.answers[action] = said
        sent = WAYS[channel](vendor.url).send(HELLO)
    assert sent.outcome == outcome
    assert "<" not in sent.code


def test_aliyun_is_sent_the_template_with_our_key() -> None:
    with a_vendor() as vendor:
        sent = WAYS[Channel.ALIYUN_SMS](vendor.url).send(HELLO)
        (asked,) = vendor.asked
    assert sent == Sent(Outcome.ACCEPTED, provider_id="9006^0")
    assert asked.query == {
        "OutId": HELLO.key,
        "PhoneNumbers": HELLO.address,
        "SignName": "童行",
        "TemplateCode": "SMS_1",
        "TemplateParam": '{"time": "2026-11-28 10:00", "code": "V-0042"}',
    }
    assert asked.headers["x-acs-version"] == "2017-05-25"
    assert asked.headers["x-acs-date"] == "2026-11-24T04:00:00Z"
    assert asked.headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=key-id,")


def test_tencent_is_sent_the_template_with_our_key() -> None:
    with a_vendor() as vendor:
        sent = WAYS[Channel.TENCENT_SMS](vendor.url).send(HELLO)
        (asked,) = vendor.asked
    assert sent == Sent(Outcome.ACCEPTED, provider_id="5000:1")
    assert asked.json == {
        "PhoneNumberSet": ["+8615400000001"],
        "SessionContext": HELLO.key,
        "SignName": "童行",
        "SmsSdkAppId": "1400006666",
        "TemplateId": "SMS_1",
        "TemplateParamSet": ["2026-11-28 10:00", "V-0042"],
    }
    host = urlsplit(vendor.url).netloc
    signed = tc3(Keys("key-id", "key-secret"), Posted(host, "sms", NOON, asked.body))
    assert (asked.headers["authorization"], asked.headers["host"]) == (signed, host)


def test_wecom_shows_the_same_message_once() -> None:
    with a_vendor() as vendor:
        way = WAYS[Channel.WECOM](vendor.url)
        for _turn in range(2):
            way.send(HELLO)
        first, again = vendor.sends
    assert first.body == again.body
    assert first.json["enable_duplicate_check"] == 1
    assert (first.json["touser"], first.json["agentid"]) == (HELLO.address, 1000002)
    assert first.query == {"access_token": "wecom-token"}
    assert way.capabilities.crash is Crash.WINDOW


def test_a_long_text_for_wecom_is_cut_between_letters() -> None:
    with a_vendor() as vendor:
        long = Outgoing("k", "someone", Text("题", "长" * 2000))
        WAYS[Channel.WECOM](vendor.url).send(long)
        content = vendor.sends[0].json["text"]["content"]
    assert len(content.encode()) <= 2000
    assert content.startswith("题\n长")


def test_a_wechat_message_spends_a_grant_and_gets_it_back_when_it_never_left() -> None:
    spent: list[str] = []

    def spend(_reader: str) -> bool:
        spent.append("spent")
        return True

    grants = Grants(spend, lambda _reader: spent.append("back"))
    with a_vendor() as vendor:
        way = Wechat(wechat_tokens("wx1", "secret", vendor.url), "T-1", grants, vendor.url)
        assert way.send(HELLO).outcome is Outcome.ACCEPTED
        assert spent == ["spent"]
        sent = vendor.sends[0].json
        vendor.answers["/cgi-bin/message/template/subscribe"] = {"errcode": 45009}
        way.send(HELLO)
    assert spent == ["spent", "spent", "back"]
    assert (sent["touser"], sent["template_id"]) == (HELLO.address, "T-1")
    assert sent["url"] == "https://site.example/v/1"
    assert len(sent["title"]) <= 15


def test_without_a_grant_wechat_is_not_asked() -> None:
    none = Grants(lambda _reader: False, lambda _reader: None)
    with a_vendor() as vendor:
        way = Wechat(wechat_tokens("wx1", "secret", vendor.url), "T-1", none, vendor.url)
        assert way.send(HELLO) == Sent(Outcome.REJECTED, "no grant")
        assert vendor.asked == []


def test_a_group_reads_neither_the_text_nor_a_link() -> None:
    with a_vendor() as vendor:
        WAYS[Channel.DINGTALK](vendor.url).send(HELLO)
        (asked,) = vendor.sends
    assert asked.json["text"]["content"] == ("走访提醒：2026-11-28 10:00\nV-0042\n@15400000001")
    assert asked.json["at"] == {"atMobiles": ["15400000001"], "isAtAll": False}
    assert set(parse_qs(urlsplit(asked.target).query)) == {"access_token", "timestamp", "sign"}


def details(*keys: str, total: int) -> dict[str, object]:
    rows = [{"OutId": key, "SendStatus": 1} for key in keys]
    return {
        "Code": "OK",
        "TotalCount": str(total),
        "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows},
    }


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (details("x", HELLO.key, total=2), Found.SENT),
        (details("x", total=1), Found.NOT_SENT),
        (details(total=0), Found.NOT_SENT),
        (details("x", total=10_000), Found.CANNOT_TELL),
        ({"Code": "isv.ACCOUNT_NOT_EXISTS"}, Found.CANNOT_TELL),
        ({"Code": "OK"}, Found.CANNOT_TELL),
        ({"Code": "OK", "TotalCount": "1", "SmsSendDetailDTOs": []}, Found.CANNOT_TELL),
    ],
)
def test_aliyun_tells_whether_our_message_went_out(said: object, found: Found) -> None:
    with a_vendor() as vendor:
        vendor.answers["QuerySendDetails/aliyun"] = said
        way = WAYS[Channel.ALIYUN_SMS](vendor.url)
        assert way.lookup(HELLO.key, HELLO.address, TODAY) is found
        assert vendor.asked[0].query["SendDate"] == "20261124"


def test_tencent_lists_only_what_has_a_receipt() -> None:
    """What is not listed may be on its way: sending it again could reach somebody twice."""
    with a_vendor() as vendor:
        way = WAYS[Channel.TENCENT_SMS](vendor.url)
        assert way.lookup(HELLO.key, HELLO.address, TODAY) is Found.SENT
        assert way.lookup("another", HELLO.address, TODAY) is Found.CANNOT_TELL
        begins = vendor.asked[0].json["BeginTime"]
    assert begins == 1795449600  # midnight in China


@VENDORS
@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.FAILS, Manner.NO_JSON, Manner.HALF])
def test_who_cannot_be_asked_cannot_tell(channel: Channel, manner: Manner, soon: None) -> None:
    with a_vendor(manner) as vendor:
        found = WAYS[channel](vendor.url).lookup(HELLO.key, HELLO.address, TODAY)
    assert found is Found.CANNOT_TELL


@pytest.mark.parametrize("channel", [Channel.ALIYUN_SMS, Channel.TENCENT_SMS])
def test_a_kind_without_a_template_is_not_sent(channel: Channel) -> None:
    with a_vendor() as vendor:
        way = WAYS[channel](vendor.url)
        object.__setattr__(way, "templates", {"visit_t7d": TEMPLATES["*"]})
        assert way.send(HELLO) == Sent(Outcome.REJECTED, "no template")
        assert vendor.asked == []


def test_templates_are_written_a_line_each() -> None:
    found = parsed("visit_t2d = SMS_15 time:when number\n\n* = 1110\n")
    assert found == {
        "visit_t2d": Template("SMS_15", (("time", "when"), ("number", "number"))),
        "*": Template("1110"),
    }
    assert template_for(found, "visit_moved") == Template("1110")
    assert template_for({}, "visit_moved") is None


@pytest.mark.parametrize(
    "text", ["visit", "a = 1\na = 2", "kind = 1 name:alias", "kind = 1 alias", "= 1", "K = 1"]
)
def test_a_line_that_asks_for_more_than_time_and_number_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parsed(text)


def test_a_vendors_template_gets_nothing_but_what_is_known() -> None:
    template = Template("T", (("time", "when"), ("who", "name")))
    told = Outgoing("k", "a", Text("", ""), "kind", (("when", "10:00"), ("name", "小石头")))
    assert template.filled(told) == (("time", "10:00"), ("who", ""))


def test_without_a_link_of_its_own_a_message_gives_the_first_of_its_text() -> None:
    body = "登录后查看：\nhttps://site.example/visits/x\n--\nhttps://site.example/\n"
    told = Outgoing("k", "o" * 28, Text("题", body), "kind", (("when", "10:00"),))
    template = Template("T", (("url", "link"), ("time", "when")))
    assert template.filled(told) == (("url", "https://site.example/visits/x"), ("time", "10:00"))
    with a_vendor() as vendor:
        WAYS[Channel.WECHAT](vendor.url).send(told)
        assert vendor.sends[0].json["url"] == "https://site.example/visits/x"
