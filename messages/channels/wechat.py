"""A one-time subscription message of a WeChat service account: each needs a grant by its reader.

Grants are given on WeChat's own page (messages.contacts.grants) and counted there; one is spent
before the message leaves and given back when it certainly did not.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from messages.channels.calls import Call, code_of, deadline
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.channels.templates import link_of
from messages.channels.tokens import Tokens, settle_with
from messages.rules import Channel, Outcome

URL = "https://api.weixin.qq.com"
SCENE = "1000"
"""Which of the account's subscriptions it is; we have one."""
TITLE, CONTENT = 15, 200
"""Characters of a title and of a text, by the vendor's documentation."""
OF_THE_MESSAGE = frozenset({"40003", "43004", "43101", "47003"})
"""Nobody of that name, or somebody who takes no more."""
NOBODY = frozenset({"40003", "43004"})
"""Nobody of that name, or nobody who follows the account."""
BUSY = "-1"


@dataclass(frozen=True, slots=True)
class Grants:
    """How a grant of somebody is spent, and given back."""

    spend: Callable[[str], bool]
    give_back: Callable[[str], object]


def tokens_of(app_id: str, secret: str, url: str = URL) -> Tokens:
    """Return the account's stable token: fetching it does not end that of another process."""
    given = {"grant_type": "client_credential", "appid": app_id, "secret": secret}
    headers = {"Content-Type": "application/json"}
    return Tokens(
        Call(f"{url.rstrip('/')}/cgi-bin/stable_token", json.dumps(given).encode(), headers)
    )


CAN = Capabilities(Crash.NONE, chunk=1, one_by_one=True)


@dataclass(frozen=True, slots=True, repr=False)
class Wechat:
    """One service account."""

    tokens: Tokens
    template_id: str
    grants: Grants
    url: str = URL
    channel: Channel = Channel.WECHAT
    capabilities: Capabilities = CAN

    def send(self, outgoing: Outgoing) -> Sent:
        values = dict(outgoing.values)
        lines = (outgoing.text.subject, values.get("number", ""))
        content = "\n".join(line for line in lines if line)[:CONTENT]
        body = {
            "touser": outgoing.address,
            "template_id": self.template_id,
            "scene": SCENE,
            "title": outgoing.text.subject[:TITLE],
            "data": {"content": {"value": content, "color": "#0A464A"}},
        }
        if link := link_of(outgoing):
            body["url"] = link
        return self._spending(outgoing.address, json.dumps(body, ensure_ascii=False).encode())

    def lookup(self, key: str, address: str, day: date) -> Found:
        del key, address, day
        return Found.CANNOT_TELL

    def _spending(self, open_id: str, body: bytes) -> Sent:
        """Send with one of the reader's grants; without one nothing is sent."""
        if not self.grants.spend(open_id):
            return Sent(Outcome.REJECTED, "no grant")

        def call(token: str) -> Call:
            path = f"/cgi-bin/message/template/subscribe?access_token={token}"
            headers = {"Content-Type": "application/json; charset=utf-8"}
            return Call(self.url.rstrip("/") + path, body, headers)

        sent = settle_with(self.tokens, deadline(), call, _judged)
        if sent.outcome is Outcome.RETRY:
            self.grants.give_back(open_id)
        return sent


def _judged(told: dict[str, Any]) -> Sent | None:
    if "errcode" not in told:
        return None
    code = code_of(told["errcode"])
    if code == "0":
        return Sent(Outcome.ACCEPTED, provider_id=code_of(told.get("msgid", "")))
    if code == BUSY:
        return Sent(Outcome.UNKNOWN, code)
    if code in OF_THE_MESSAGE:
        return Sent(Outcome.REJECTED, code, nobody_there=code in NOBODY)
    return Sent(Outcome.RETRY, code)
