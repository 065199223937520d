"""What requests, their askers and their states are called."""

from core.i18n import lazy as _l
from rights.requests.rules import Asker, Channel, Lateness, RequestKind, State

KINDS = {
    RequestKind.ACCESS: _l("查看记了什么"),
    RequestKind.COPY: _l("要一份复制件"),
    RequestKind.CORRECT: _l("改正"),
    RequestKind.DELETE: _l("把记的内容删除"),
    RequestKind.WITHDRAW: _l("撤回同意"),
}
ASKERS = {
    Asker.GUARDIAN: _l("监护人"),
    Asker.CHILD: _l("孩子本人"),
    Asker.VOLUNTEER: _l("志愿者"),
}
CHANNELS = {
    Channel.IN_PERSON: _l("当面"),
    Channel.PHONE: _l("电话"),
    Channel.PAPER: _l("书面"),
    Channel.ACCOUNT: _l("本人账户"),
}
STATES = {
    State.RECEIVED: _l("已收到，待答复"),
    State.CONFIRMED: _l("办理中"),
    State.DONE: _l("已办完"),
    State.REFUSED: _l("不予办理"),
    State.WITHDRAWN: _l("请求人不再要求"),
}
TONES = {
    State.RECEIVED: "warn",
    State.CONFIRMED: "info",
    State.DONE: "ok",
    State.REFUSED: "danger",
    State.WITHDRAWN: "",
}
LATE = {
    Lateness.CONFIRMING: _l("答复超期"),
    Lateness.FINISHING: _l("办理超期"),
}
