"""Words for vendors' channels: what each needs to be told, and how a try went."""

from core.i18n import lazy as _l
from messages.rules import Channel, Outcome

NAMES = {
    "key_id": _l("AccessKey ID"),
    "key_secret": _l("AccessKey Secret"),
    "sign_name": _l("短信签名"),
    "templates": _l("模板"),
    "app_id": _l("应用 ID"),
    "corp_id": _l("企业 ID"),
    "agent_id": _l("应用编号（AgentId）"),
    "template_id": _l("订阅模板 ID"),
    "token": _l("机器人地址里的 access_token"),
}
OWN_NAMES = {
    (Channel.TENCENT_SMS, "key_id"): _l("SecretId"),
    (Channel.TENCENT_SMS, "key_secret"): _l("SecretKey"),
    (Channel.TENCENT_SMS, "app_id"): _l("短信应用的 SdkAppId"),
    (Channel.WECOM, "key_secret"): _l("应用的 Secret"),
    (Channel.WECHAT, "app_id"): _l("服务号的 AppID"),
    (Channel.WECHAT, "key_secret"): _l("服务号的 AppSecret"),
    (Channel.DINGTALK, "key_secret"): _l("加签的密钥（SEC 开头）"),
}
ABOUT = {
    Channel.EMAIL: _l("邮件服务器在启动网站的设置里填写。"),
    Channel.ALIYUN_SMS: _l("短信的签名和模板要先在阿里云通过审核。"),
    Channel.TENCENT_SMS: _l("短信的签名和模板要先在腾讯云通过审核。"),
    Channel.WECOM: _l("企业微信里的自建应用，发给本企业的成员。"),
    Channel.WECHAT: _l("微信服务号的一次性订阅：对方每订阅一次，只能收到一条。"),
    Channel.DINGTALK: _l("钉钉群里的机器人，点名提醒；全群看得见，只有时间和走访编号。"),
}
OUTCOMES = {
    Outcome.ACCEPTED: _l("对方收下了"),
    Outcome.RETRY: _l("没有发出"),
    Outcome.REJECTED: _l("被拒收"),
    Outcome.UNKNOWN: _l("不知是否送到"),
}
TONES = {
    Outcome.ACCEPTED: "ok",
    Outcome.RETRY: "warn",
    Outcome.REJECTED: "danger",
    Outcome.UNKNOWN: "warn",
}


def name_of(channel: Channel, field: str) -> str:
    """Return what a vendor calls one of its fields."""
    return str(OWN_NAMES.get((channel, field), NAMES[field]))
