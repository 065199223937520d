"""SMS by Tencent Cloud (sms 2021-01-11): SendSms with our key as SessionContext."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from core import clock
from core.zone import CHINA
from messages.channels.calls import Call, NoAnswer, NotReached, ask, code_of, deadline, settle
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.channels.signing import Keys, Posted, tc3
from messages.channels.templates import Template, template_for
from messages.rules import Channel, Outcome

URL = "https://sms.tencentcloudapi.com"
VERSION, REGION = "2021-01-11", "ap-guangzhou"
OF_THE_MESSAGE = (
    "InvalidParameterValue.IncorrectPhoneNumber",
    "InvalidParameterValue.TemplateParameter",
    "InvalidParameterValue.ContentLengthLimit",
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.ContainSensitiveWord",
    "UnsupportedOperation.",
)
"""How codes begin that refuse this very message; others are the account's, or pass."""
NOBODY = (
    "InvalidParameterValue.IncorrectPhoneNumber",
    "FailedOperation.PhoneNumberInBlacklist",
)
"""Those that refuse the number, whatever is sent there."""


CAN = Capabilities(Crash.LOOKUP, chunk=8, one_by_one=True, has_receipts=True)


@dataclass(frozen=True, slots=True, repr=False)
class TencentSms:
    """One application's signature and templates."""

    keys: Keys
    app_id: str
    sign_name: str
    templates: Mapping[str, Template]
    url: str = URL
    channel: Channel = Channel.TENCENT_SMS
    capabilities: Capabilities = CAN

    def send(self, outgoing: Outgoing) -> Sent:
        template = template_for(self.templates, outgoing.kind)
        if template is None:
            return Sent(Outcome.REJECTED, "no template")
        given = {
            "PhoneNumberSet": [f"+86{outgoing.address}"],
            "SessionContext": outgoing.key,
            "SignName": self.sign_name,
            "SmsSdkAppId": self.app_id,
            "TemplateId": template.name,
            "TemplateParamSet": [value for _name, value in template.filled(outgoing)],
        }
        return settle(self._call("SendSms", given), deadline(), _judged)

    def lookup(self, key: str, address: str, day: date) -> Found:
        """Look for our key among the number's receipts of the day and the next one.

        A message is listed once its receipt has come: what is not there may still be on its way.
        """
        begins = datetime.combine(day, time(), CHINA)
        given = {
            "BeginTime": int(begins.timestamp()),
            "EndTime": int((begins + timedelta(days=2)).timestamp()),
            "Limit": 100,
            "Offset": 0,
            "PhoneNumber": f"+86{address}",
            "SmsSdkAppId": self.app_id,
        }
        try:
            told = ask(self._call("PullSmsSendStatusByPhoneNumber", given), deadline()).told
        except (NotReached, NoAnswer):
            return Found.CANNOT_TELL
        rows = _set(told, "PullSmsSendStatusSet")
        known = any(row.get("SessionContext") == key for row in rows)
        return Found.SENT if known else Found.CANNOT_TELL

    def _call(self, action: str, given: Mapping[str, Any]) -> Call:
        body, now = json.dumps(given).encode(), clock.now()
        host = urlsplit(self.url).netloc
        headers = {
            "Authorization": tc3(self.keys, Posted(host, "sms", now, body)),
            "Content-Type": "application/json; charset=utf-8",
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Region": REGION,
            "X-TC-Timestamp": str(int(now.timestamp())),
            "X-TC-Version": VERSION,
        }
        return Call(f"{self.url.rstrip('/')}/", body, headers)


def _set(told: dict[str, Any] | None, name: str) -> list[dict[str, Any]]:
    """Return the list of that name in an answer, empty when it has none."""
    response = (told or {}).get("Response")
    rows = response.get(name) if isinstance(response, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _judged(told: dict[str, Any]) -> Sent | None:
    response = told.get("Response")
    if not isinstance(response, dict):
        return None
    refusal = response.get("Error")
    if isinstance(refusal, dict):
        return _by_code(code_of(refusal.get("Code", "")))
    rows = _set(told, "SendStatusSet")
    if len(rows) != 1:
        return None
    code = code_of(rows[0].get("Code", ""))
    if code == "Ok":
        return Sent(Outcome.ACCEPTED, provider_id=code_of(rows[0].get("SerialNo", "")))
    return _by_code(code)


def _by_code(code: str) -> Sent:
    if code.startswith("InternalError"):
        return Sent(Outcome.UNKNOWN, code)
    if code.startswith(OF_THE_MESSAGE):
        return Sent(Outcome.REJECTED, code, nobody_there=code.startswith(NOBODY))
    return Sent(Outcome.RETRY, code)
