"""What has to be known of a vendor's account before its channel can send. All of it is sealed."""

from collections.abc import Mapping

from messages.channels import aliyun_sms, dingtalk, tencent_sms, wechat, wecom
from messages.rules import Channel

NEEDS: Mapping[Channel, tuple[str, ...]] = {
    Channel.ALIYUN_SMS: ("key_id", "key_secret", "sign_name", "templates"),
    Channel.TENCENT_SMS: ("key_id", "key_secret", "app_id", "sign_name", "templates"),
    Channel.WECOM: ("corp_id", "key_secret", "agent_id"),
    Channel.WECHAT: ("app_id", "key_secret", "template_id"),
    Channel.DINGTALK: ("token", "key_secret"),
}
"""The fields of each vendor, in the order of its form."""
URLS: Mapping[Channel, str] = {
    Channel.ALIYUN_SMS: aliyun_sms.URL,
    Channel.TENCENT_SMS: tencent_sms.URL,
    Channel.WECOM: wecom.URL,
    Channel.WECHAT: wechat.URL,
    Channel.DINGTALK: dingtalk.URL,
}
RECEIPTS = frozenset({Channel.ALIYUN_SMS, Channel.TENCENT_SMS})
"""Vendors that tell what became of a message."""


def complete(channel: Channel, known: Mapping[str, str]) -> bool:
    """Whether everything that the channel needs is known."""
    return all(known.get(name) for name in NEEDS[channel])
