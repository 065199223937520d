"""Making a vendor's way out of what is known of the account."""

from collections.abc import Mapping
from dataclasses import dataclass

from core import ids
from messages.channels.aliyun_sms import AliyunSms
from messages.channels.dingtalk import Dingtalk
from messages.channels.needs import URLS
from messages.channels.rules import Way
from messages.channels.signing import Keys
from messages.channels.templates import parsed
from messages.channels.tencent_sms import TencentSms
from messages.channels.wechat import Grants, Wechat
from messages.channels.wechat import tokens_of as wechat_tokens
from messages.channels.wecom import Wecom
from messages.channels.wecom import tokens_of as wecom_tokens
from messages.contacts.grants import services as grants
from messages.rules import Channel


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """A vendor's account: the fields of messages.channels.needs, and another address if any."""

    channel: Channel
    known: Mapping[str, str]
    url: str = ""


def made(account: Account) -> Way:
    """Return the way of a complete account."""
    known, url = account.known, account.url or URLS[account.channel]
    if account.channel is Channel.WECOM:
        tokens = wecom_tokens(known["corp_id"], known["key_secret"], url)
        return Wecom(tokens, int(known["agent_id"]), url)
    if account.channel is Channel.WECHAT:
        template = known["template_id"]
        of_it = Grants(
            lambda open_id: grants.spend(ids.digest(open_id), ids.digest(template)),
            lambda open_id: grants.give_back(ids.digest(open_id), ids.digest(template)),
        )
        return Wechat(
            wechat_tokens(known["app_id"], known["key_secret"], url), template, of_it, url
        )
    if account.channel is Channel.DINGTALK:
        return Dingtalk(known["token"], known["key_secret"], url)
    keys, templates = Keys(known["key_id"], known["key_secret"]), parsed(known["templates"])
    if account.channel is Channel.TENCENT_SMS:
        return TencentSms(keys, known["app_id"], known["sign_name"], templates, url)
    return AliyunSms(keys, known["sign_name"], templates, url)
