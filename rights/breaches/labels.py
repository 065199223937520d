"""What breaches, their steps and their notices are called."""

from core.i18n import lazy as _l
from rights.breaches.rules import Kind, Notice, State

KINDS = {
    Kind.LEAKED: _l("泄露"),
    Kind.CHANGED: _l("篡改"),
    Kind.LOST: _l("丢失"),
}
STATES = {
    State.DETECTED: _l("已发现"),
    State.CONTAINED: _l("已控制"),
    State.REPORTED: _l("已报告主管部门"),
    State.NOTIFIED: _l("已告知家庭"),
    State.CLOSED: _l("已结案"),
}
TONES = {
    State.DETECTED: "danger",
    State.CONTAINED: "warn",
    State.REPORTED: "warn",
    State.NOTIFIED: "info",
    State.CLOSED: "ok",
}
STEPS = {
    State.CONTAINED: _l("已经控制住"),
    State.REPORTED: _l("已经报告主管部门"),
    State.NOTIFIED: _l("已经告知家庭"),
    State.CLOSED: _l("结案"),
}
HINTS = {
    State.CONTAINED: _l("采取了什么补救措施，什么时候起有效"),
    State.REPORTED: _l("报告了哪个部门，回执编号"),
    State.NOTIFIED: _l("怎样告知的；如果措施已经完全避免了危害而没有告知，写明理由"),
    State.CLOSED: _l("查清了什么，以后怎样避免"),
}
NOTICES = {
    Notice.AUTHORITY: _l("个人信息安全事件报告"),
    Notice.FAMILIES: _l("致家长：关于您和孩子的个人信息"),
}
