"""SMS by Aliyun (Dysmsapi 2017-05-25): SendSms with our key as OutId, QuerySendDetails by it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from urllib.parse import urlsplit

from core import clock, ids
from messages.channels.calls import Call, NoAnswer, NotReached, ask, code_of, deadline, settle
from messages.channels.rules import Capabilities, Crash, Found, Outgoing, Sent
from messages.channels.signing import Keys, acs3, query_of, sha256
from messages.channels.templates import Template, template_for
from messages.rules import Channel, Outcome

URL = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
PAGE, PAGES = 50, 4
OF_THE_MESSAGE = frozenset(
    {
        "isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.INVALID_PARAMETERS",
        "isv.INVALID_JSON_PARAM", "isv.TEMPLATE_MISSING_PARAMETERS", "isv.PARAM_LENGTH_LIMIT",
        "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.PARAM_NOT_SUPPORT_URL", "isv.BLACK_KEY_CONTROL_LIMIT",
    }
)  # fmt: skip
"""Refusals of this very message; all others are the account's, or pass by themselves."""
NOBODY = "isv.MOBILE_NUMBER_ILLEGAL"
CANNOT_TELL = frozenset({"isp.SYSTEM_ERROR", "isp.UNKNOWN_ERROR", "InternalError"})


CAN = Capabilities(Crash.LOOKUP, chunk=8, one_by_one=True, has_receipts=True)


@dataclass(frozen=True, slots=True, repr=False)
class AliyunSms:
    """One account's signature and templates."""

    keys: Keys
    sign_name: str
    templates: Mapping[str, Template]
    url: str = URL
    channel: Channel = Channel.ALIYUN_SMS
    capabilities: Capabilities = CAN

    def send(self, outgoing: Outgoing) -> Sent:
        template = template_for(self.templates, outgoing.kind)
        if template is None:
            return Sent(Outcome.REJECTED, "no template")
        given = {
            "OutId": outgoing.key,
            "PhoneNumbers": outgoing.address,
            "SignName": self.sign_name,
            "TemplateCode": template.name,
            "TemplateParam": json.dumps(dict(template.filled(outgoing)), ensure_ascii=False),
        }
        return settle(self._call("SendSms", given), deadline(), _judged)

    def lookup(self, key: str, address: str, day: date) -> Found:
        """Look through the day's messages to the number, which are listed as soon as accepted."""
        until, seen = deadline(), 0
        for page in range(1, PAGES + 1):
            given = {
                "PhoneNumber": address,
                "SendDate": f"{day:%Y%m%d}",
                "PageSize": str(PAGE),
                "CurrentPage": str(page),
            }
            try:
                told = ask(self._call("QuerySendDetails", given), until).told
            except (NotReached, NoAnswer):
                return Found.CANNOT_TELL
            rows, total = _details(told)
            if rows is None:
                return Found.CANNOT_TELL
            if any(row.get("OutId") == key for row in rows):
                return Found.SENT
            seen += len(rows)
            if seen >= total or not rows:
                return Found.NOT_SENT
        return Found.CANNOT_TELL

    def _call(self, action: str, given: Mapping[str, str]) -> Call:
        query = query_of(given)
        headers = {
            "host": urlsplit(self.url).netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": sha256(b""),
            "x-acs-date": f"{clock.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": ids.uid(),
            "x-acs-version": VERSION,
        }
        authorization = acs3(self.keys, query, headers)
        url = f"{self.url.rstrip('/')}/?{query}"
        return Call(url, headers=headers | {"Authorization": authorization})


def _judged(told: dict[str, Any]) -> Sent | None:
    if "Code" not in told:
        return None
    code = code_of(told["Code"])
    if code == "OK":
        return Sent(Outcome.ACCEPTED, provider_id=code_of(told.get("BizId", "")))
    if code in CANNOT_TELL:
        return Sent(Outcome.UNKNOWN, code)
    if code in OF_THE_MESSAGE:
        return Sent(Outcome.REJECTED, code, nobody_there=code == NOBODY)
    return Sent(Outcome.RETRY, code)


def _details(told: dict[str, Any] | None) -> tuple[list[dict[str, Any]] | None, int]:
    """Return the rows of one page and how many there are in all; None when it is no answer."""
    if told is None or told.get("Code") != "OK":
        return None, 0
    try:
        rows = told["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
        total = int(told["TotalCount"])
    except (KeyError, TypeError, ValueError):
        return None, 0
    fine = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    return (rows if fine else None), total
