"""How vendors want a request signed, by their public documentation. No clock, no chance in here.

Aliyun: "V3 request structure and signature" (ACS3-HMAC-SHA256). Tencent Cloud: "Signature v3"
(TC3-HMAC-SHA256). DingTalk: custom robots, "additional signature". The examples of these pages
are in the tests.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The public and the secret half of a vendor's key; like all that hold one, it prints none."""

    public: str
    secret: str


def query_of(given: Mapping[str, str]) -> str:
    """Return parameters as a query in the order and the escaping that signatures ask for."""
    return "&".join(f"{_escaped(name)}={_escaped(given[name])}" for name in sorted(given))


def _escaped(text: str) -> str:
    return quote(text, safe="-_.~")


def acs3(keys: Keys, query: str, headers: Mapping[str, str], body: bytes = b"") -> str:
    """Return the Authorization of a POST to Aliyun; every header given is signed."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    whole = f"POST\n/\n{query}\n{lines}\n{signed}\n{sha256(body)}"
    told = f"ACS3-HMAC-SHA256\n{sha256(whole.encode())}"
    mark = hmac.digest(keys.secret.encode(), told.encode(), "sha256").hex()
    return f"ACS3-HMAC-SHA256 Credential={keys.public},SignedHeaders={signed},Signature={mark}"


@dataclass(frozen=True, slots=True)
class Posted:
    """A POST of JSON to one of Tencent Cloud's services."""

    host: str
    service: str
    at: datetime
    body: bytes


def tc3(keys: Keys, posted: Posted) -> str:
    """Return the Authorization of a POST of JSON to Tencent Cloud."""
    signed = "content-type;host"
    lines = f"content-type:application/json; charset=utf-8\nhost:{posted.host}\n"
    whole = f"POST\n/\n\n{lines}\n{signed}\n{sha256(posted.body)}"
    day = f"{posted.at.astimezone(UTC):%Y-%m-%d}"
    scope = f"{day}/{posted.service}/tc3_request"
    told = f"TC3-HMAC-SHA256\n{int(posted.at.timestamp())}\n{scope}\n{sha256(whole.encode())}"
    key = f"TC3{keys.secret}".encode()
    for part in (day, posted.service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    mark = hmac.digest(key, told.encode(), "sha256").hex()
    credential = f"Credential={keys.public}/{scope}"
    return f"TC3-HMAC-SHA256 {credential}, SignedHeaders={signed}, Signature={mark}"


def dingtalk(secret: str, milliseconds: int) -> str:
    """Return the sign that goes with a robot's timestamp."""
    told = f"{milliseconds}\n{secret}"
    return base64.b64encode(hmac.digest(secret.encode(), told.encode(), "sha256")).decode()


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
