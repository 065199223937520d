"""A message of our own application in WeCom: the same one again within 30 minutes is shown once."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from messages.channels.calls import Call, code_of, deadline
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.channels.tokens import Tokens, settle_with
from messages.rules import Channel, Outcome

URL = "https://qyapi.weixin.qq.com"
LONGEST = 2000
"""Bytes of a text; the vendor cuts off behind 2048."""
NOBODY = frozenset({"40003", "40031", "60111", "81013", "82001"})
"""Nobody of that name, or nobody who may use the application."""


def tokens_of(corp_id: str, secret: str, url: str = URL) -> Tokens:
    query = urlencode({"corpid": corp_id, "corpsecret": secret})
    return Tokens(Call(f"{url.rstrip('/')}/cgi-bin/gettoken?{query}", method="GET"))


CAN = Capabilities(Crash.WINDOW, chunk=8)


@dataclass(frozen=True, slots=True, repr=False)
class Wecom:
    """One application of one enterprise."""

    tokens: Tokens
    agent_id: int
    url: str = URL
    channel: Channel = Channel.WECOM
    capabilities: Capabilities = CAN

    def send(self, outgoing: Outgoing) -> Sent:
        body = json.dumps(
            {
                "touser": outgoing.address,
                "msgtype": "text",
                "agentid": self.agent_id,
                "text": {"content": cut(f"{outgoing.text.subject}\n{outgoing.text.body}", LONGEST)},
                "enable_duplicate_check": 1,
                "duplicate_check_interval": 1800,
            },
            ensure_ascii=False,
        ).encode()

        def call(token: str) -> Call:
            url = f"{self.url.rstrip('/')}/cgi-bin/message/send?access_token={token}"
            return Call(url, body, {"Content-Type": "application/json; charset=utf-8"})

        return settle_with(self.tokens, deadline(), call, _judged)

    def lookup(self, key: str, address: str, day: date) -> Found:
        """Nobody can be asked; sent again soon, it is shown once."""
        del key, address, day
        return Found.CANNOT_TELL


def cut(text: str, most: int) -> str:
    """Return as much of a text as fits into so many bytes."""
    return text.encode()[:most].decode(errors="ignore")


def _judged(told: dict[str, Any]) -> Sent | None:
    if "errcode" not in told:
        return None
    code = code_of(told["errcode"])
    if code != "0":
        if code in NOBODY:
            return Sent(Outcome.REJECTED, code, nobody_there=True)
        return Sent(Outcome.RETRY, code)
    if told.get("invaliduser") or told.get("unlicenseduser"):
        return Sent(Outcome.REJECTED, "invalid user", nobody_there=True)
    return Sent(Outcome.ACCEPTED, provider_id=code_of(told.get("msgid", "")))
