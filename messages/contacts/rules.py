"""What an address of each way looks like, and when it counts as broken. No clock, no database."""

import re
from datetime import timedelta

from messages.rules import Channel

OFFERED = (
    Channel.EMAIL, Channel.ALIYUN_SMS, Channel.TENCENT_SMS, Channel.WECOM, Channel.WECHAT,
    Channel.DINGTALK,
)  # fmt: skip
"""Ways that people may choose, in the order in which pages name them."""
BY_PHONE = frozenset({Channel.ALIYUN_SMS, Channel.TENCENT_SMS, Channel.DINGTALK})
MOST_BOUNCES = 3
CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
PHONE = re.compile(r"1\d{10}", re.ASCII)
WECOM_NAME = re.compile(r"[A-Za-z0-9][\w.@-]{0,63}", re.ASCII)


def fits(channel: Channel, address: str) -> bool:
    """Whether somebody could be reached there by that way."""
    if channel in BY_PHONE:
        return PHONE.fullmatch(address) is not None
    return channel is Channel.WECOM and WECOM_NAME.fullmatch(address) is not None
