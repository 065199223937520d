"""A robot in a DingTalk group that calls somebody by their number.

The whole group reads it: only the subject with its time and the visit's number, never the text
itself nor a link, which may be for one person only.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from core import clock
from messages.channels.calls import Call, code_of, deadline, settle
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.channels.signing import dingtalk
from messages.rules import Channel, Outcome

URL = "https://oapi.dingtalk.com"
BUSY = "-1"


CAN = Capabilities(Crash.NONE, chunk=1, one_by_one=True)


@dataclass(frozen=True, slots=True, repr=False)
class Dingtalk:
    """One robot of one group: 20 messages a minute, then it is blocked for 10."""

    token: str
    secret: str
    url: str = URL
    channel: Channel = Channel.DINGTALK
    capabilities: Capabilities = CAN

    def send(self, outgoing: Outgoing) -> Sent:
        values = dict(outgoing.values)
        lines = (outgoing.text.subject, values.get("number"), values.get("code"))
        body = {
            "msgtype": "text",
            "text": {
                "content": "\n".join(line for line in (*lines, f"@{outgoing.address}") if line)
            },
            "at": {"atMobiles": [outgoing.address], "isAtAll": False},
        }
        return settle(
            self._call(json.dumps(body, ensure_ascii=False).encode()), deadline(), _judged
        )

    def lookup(self, key: str, address: str, day: date) -> Found:
        del key, address, day
        return Found.CANNOT_TELL

    def _call(self, body: bytes) -> Call:
        now = int(clock.now().timestamp() * 1000)
        given = {"access_token": self.token, "timestamp": now, "sign": dingtalk(self.secret, now)}
        url = f"{self.url.rstrip('/')}/robot/send?{urlencode(given)}"
        return Call(url, body, {"Content-Type": "application/json; charset=utf-8"})


def _judged(told: dict[str, Any]) -> Sent | None:
    if "errcode" not in told:
        return None
    code = code_of(told["errcode"])
    if code == "0":
        return Sent(Outcome.ACCEPTED)
    return Sent(Outcome.UNKNOWN if code == BUSY else Outcome.RETRY, code)
