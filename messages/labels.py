"""Words for the states and ways of messages."""

from core.i18n import lazy as _l
from messages.rules import Channel, State

STATES = {
    State.PENDING: _l("等待发送"),
    State.CLAIMED: _l("正在处理"),
    State.SENDING: _l("正在发送"),
    State.SENT: _l("已发出"),
    State.DELIVERED: _l("已送达"),
    State.BOUNCED: _l("被退回"),
    State.UNKNOWN: _l("不知是否送到"),
    State.CANCELLED: _l("已取消"),
    State.SUPERSEDED: _l("已由新的代替"),
    State.EXPIRED: _l("已过时"),
    State.SUPPRESSED: _l("未发送"),
    State.DEAD: _l("发送失败"),
}
TONES = {
    State.SENT: "ok",
    State.DELIVERED: "ok",
    State.UNKNOWN: "warn",
    State.BOUNCED: "danger",
    State.DEAD: "danger",
}
CHANNELS = {Channel.INAPP: _l("站内"), Channel.EMAIL: _l("邮件")}
