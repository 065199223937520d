"""What vendors tell of messages they took, read as their documentation gives it. No clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from messages.rules import Channel, State

MOST = 500
"""Receipts in one request; vendors send far fewer."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message, by our own key, or by the vendor's number where it tells no key."""

    name: str
    state: State


def read(channel: Channel, told: Any) -> Sequence[Receipt] | None:
    """Return the receipts in a request; None when it is none of that vendor's.

    Aliyun (SmsReport) gives our OutId. Tencent Cloud gives its own SerialNo only.
    """
    if not isinstance(told, list) or len(told) > MOST:
        return None
    reader = _aliyun if channel is Channel.ALIYUN_SMS else _tencent
    found = [reader(one) for one in told if isinstance(one, dict)]
    whole = len(found) == len(told)
    return [one for one in found if one is not None] if whole else None


def _aliyun(one: dict[str, Any]) -> Receipt | None:
    name, success = one.get("out_id"), one.get("success")
    if not isinstance(name, str) or not name or not isinstance(success, bool):
        return None
    return Receipt(name, State.DELIVERED if success else State.BOUNCED)


def _tencent(one: dict[str, Any]) -> Receipt | None:
    name, status = one.get("sid"), one.get("report_status")
    if not isinstance(name, str) or not name or status not in {"SUCCESS", "FAIL"}:
        return None
    return Receipt(name, State.DELIVERED if status == "SUCCESS" else State.BOUNCED)
