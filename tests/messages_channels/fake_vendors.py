"""A vendor's server on loopback that answers as documented, or misbehaves in one of many ways."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from messages.channels.aliyun_sms import AliyunSms
from messages.channels.dingtalk import Dingtalk
from messages.channels.rules import Outgoing, Text, Way
from messages.channels.signing import Keys
from messages.channels.templates import Template
from messages.channels.tencent_sms import TencentSms
from messages.channels.wechat import Grants, Wechat
from messages.channels.wechat import tokens_of as wechat_tokens
from messages.channels.wecom import Wecom
from messages.channels.wecom import tokens_of as wecom_tokens
from messages.rules import Channel

HELLO = Outgoing(
    "A" * 22,
    "15400000001",
    Text("走访提醒：2026-11-28 10:00", "您要参加的走访在后天。\n"),
    "visit_t2d",
    (("when", "2026-11-28 10:00"), ("number", "V-0042"), ("link", "https://site.example/v/1")),
)
KEYS = Keys("key-id", "key-secret")
TEMPLATES = {"*": Template("SMS_1", (("time", "when"), ("code", "number")))}
TOKEN_PATHS = frozenset({"/cgi-bin/gettoken", "/cgi-bin/stable_token"})


class Manner(StrEnum):
    """How a server behaves once somebody has connected."""

    OK = "ok"
    HANGS = "hangs"
    """Takes the request and never answers."""
    SILENT = "silent"
    """Accepts the connection and never reads."""
    FAILS = "fails"
    """500."""
    DRIPS = "drips"
    NO_JSON = "no json"
    A_LIST = "a list"
    TOO_DEEP = "too deep"
    """JSON that no reader gets to the bottom of."""
    REDIRECTS = "redirects"
    CUTS = "cuts"
    """Hangs up after the request, without a word."""
    HALF = "half"
    """Hangs up within its answer."""
    ENDLESS = "endless"
    """An answer that does not end."""


@dataclass
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Vendor:
    """What the server was asked, and how it behaves: `tokens` is its manner over a token."""

    url: str
    manner: Manner = Manner.OK
    tokens: Manner = Manner.OK
    answers: dict[str, Any] = field(default_factory=dict)
    """Other answers than the documented good one, by path or action."""
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def sends(self) -> list[Asked]:
        return [one for one in self.asked if one.path not in TOKEN_PATHS]


def good_answer(asked: Asked) -> dict[str, Any]:
    """Return what each vendor's documentation gives for a request that went well."""
    by_action: dict[str, dict[str, Any]] = {
        "SendSms/aliyun": {"Code": "OK", "Message": "OK", "BizId": "9006^0", "RequestId": "R"},
        "QuerySendDetails/aliyun": {
            "Code": "OK",
            "TotalCount": "1",
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "A" * 22, "SendStatus": 3}]},
        },
        "SendSms/tencent": {
            "Response": {
                "SendStatusSet": [{"SerialNo": "5000:1", "Fee": 1, "Code": "Ok"}],
                "RequestId": "R",
            }
        },
        "PullSmsSendStatusByPhoneNumber/tencent": {
            "Response": {
                "PullSmsSendStatusSet": [
                    {"SessionContext": "A" * 22, "ReportStatus": "SUCCESS", "SerialNo": "5000:1"}
                ]
            }
        },
        "/cgi-bin/gettoken": {"errcode": 0, "access_token": "wecom-token", "expires_in": 7200},
        "/cgi-bin/stable_token": {"access_token": "wechat-token", "expires_in": 7200},
        "/cgi-bin/message/send": {"errcode": 0, "errmsg": "ok", "msgid": "m-1"},
        "/cgi-bin/message/template/subscribe": {"errcode": 0, "errmsg": "ok"},
        "/robot/send": {"errcode": 0, "errmsg": "ok"},
    }
    return by_action[action_of(asked)]


def action_of(asked: Asked) -> str:
    if "x-acs-action" in asked.headers:
        return f"{asked.headers['x-acs-action']}/aliyun"
    if "x-tc-action" in asked.headers:
        return f"{asked.headers['x-tc-action']}/tencent"
    return asked.path


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    vendor: Vendor


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        with suppress(OSError):  # whoever asked has hung up, as they should
            self._handle(self.server.vendor)

    def _handle(self, vendor: Vendor) -> None:
        if vendor.manner is Manner.SILENT and vendor.tokens is vendor.manner:
            vendor.over.wait()
            return
        asked = self._read()
        if asked is None:
            return
        vendor.asked.append(asked)
        manner = vendor.tokens if asked.path in TOKEN_PATHS else vendor.manner
        {
            Manner.OK: self._well, Manner.HANGS: self._hang, Manner.SILENT: self._hang,
            Manner.DRIPS: self._drip, Manner.FAILS: self._fail, Manner.NO_JSON: self._babble,
            Manner.A_LIST: self._list, Manner.TOO_DEEP: self._deep,
            Manner.REDIRECTS: self._redirect, Manner.CUTS: self._cut,
            Manner.HALF: self._half, Manner.ENDLESS: self._endless,
        }[manner](asked)  # fmt: skip

    def _read(self) -> Asked | None:
        first = self.rfile.readline().decode().split()
        if len(first) != 3:
            return None
        headers: dict[str, str] = {}
        while line := self.rfile.readline().decode().strip():
            name, _colon, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Asked(first[0], first[1], headers, body)

    def _say(self, status: str, body: bytes, *, length: int | None = None) -> None:
        size = len(body) if length is None else length
        head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def _well(self, asked: Asked) -> None:
        said = self.server.vendor.answers.get(action_of(asked), good_answer(asked))
        status = "200 OK"
        if isinstance(said, tuple):
            status, said = said
        self._say(status, json.dumps(said).encode())

    def _hang(self, asked: Asked) -> None:
        self.server.vendor.over.wait()

    def _drip(self, asked: Asked) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not self.server.vendor.over.wait(0.05):
            self.wfile.write(b" ")

    def _fail(self, asked: Asked) -> None:
        self._say("500 Internal Server Error", b'{"Code": "OK", "errcode": 0}')

    def _babble(self, asked: Asked) -> None:
        self._say("200 OK", b"<html>welcome</html>")

    def _list(self, asked: Asked) -> None:
        self._say("200 OK", b'["OK"]')

    def _deep(self, asked: Asked) -> None:
        self._say("200 OK", b"[" * 100_000)

    def _redirect(self, asked: Asked) -> None:
        target = self.server.vendor.url + "/elsewhere"
        self.wfile.write(
            f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        )

    def _cut(self, asked: Asked) -> None:
        """Say nothing."""

    def _half(self, asked: Asked) -> None:
        self._say("200 OK", b'{"Code": "OK"', length=400)

    def _endless(self, asked: Asked) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.server.vendor.over.is_set():
            self.wfile.write(b" " * 65536)


@contextmanager
def a_vendor(manner: Manner = Manner.OK, tokens: Manner = Manner.OK) -> Iterator[Vendor]:
    """Serve on a free port of loopback."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.vendor = Vendor(f"http://127.0.0.1:{server.server_address[1]}", manner, tokens)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.vendor
        finally:
            server.vendor.over.set()
            server.shutdown()
            thread.join()


PLENTY = Grants(lambda _reader: True, lambda _reader: None)
WAYS: dict[Channel, Callable[[str], Way]] = {
    Channel.ALIYUN_SMS: lambda url: AliyunSms(KEYS, "童行", TEMPLATES, url),
    Channel.TENCENT_SMS: lambda url: TencentSms(KEYS, "1400006666", "童行", TEMPLATES, url),
    Channel.WECOM: lambda url: Wecom(wecom_tokens("corp", "secret", url), 1000002, url),
    Channel.WECHAT: lambda url: Wechat(wechat_tokens("wx1", "secret", url), "T-1", PLENTY, url),
    Channel.DINGTALK: lambda url: Dingtalk("robot", "SECx", url),
}
"""Every vendor's way as it is set up in the tests, led to another address."""
