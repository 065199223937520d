"""Words for alerts: what may be wrong, and what to do first."""

from core.i18n import lazy as _l
from messages.alerts.rules import AlertKind, AlertState

KINDS = {
    AlertKind.TOO_MANY_REVEALS: _l("短时间内查看过多"),
    AlertKind.DECOY_OPENED: _l("有人打开了不该打开的档案"),
    AlertKind.SIGN_IN_FLOOD: _l("有人反复试登录"),
    AlertKind.AUDIT_BROKEN: _l("审计记录对不上"),
    AlertKind.EXPORT_FLOOD: _l("短时间内导出过多"),
    AlertKind.CONCERN: _l("走访中有让人担心的情况"),
    AlertKind.CHILD_NOT_WELL: _l("去看孩子的人有担心"),
}
ADVICE = {
    AlertKind.TOO_MANY_REVEALS: _l("先问清为什么要看这么多；说不清的，请管理员停用账号。"),
    AlertKind.DECOY_OPENED: _l("没有人需要打开这份档案。先问清缘由，必要时请管理员停用账号。"),
    AlertKind.SIGN_IN_FLOOD: _l("联系账号本人；不是本人在试，请换密码，并看看有没有陌生设备。"),
    AlertKind.AUDIT_BROKEN: _l("请管理员立即保存数据库和备份，先不改动，再查谁、何时动过。"),
    AlertKind.EXPORT_FLOOD: _l("先问清为什么要导出这么多；导出的文件在谁手里，要收回。"),
    AlertKind.CONCERN: _l("孩子有危险先打 110。立即联系领队，问清看到和听到的，再决定怎么跟进。"),
    AlertKind.CHILD_NOT_WELL: _l("孩子有危险先打 110。立即联系去看孩子的人，问清看到和听到的。"),
}
STATES = {
    AlertState.OPEN: _l("还没有人接手"),
    AlertState.ACKNOWLEDGED: _l("有人在处理"),
    AlertState.CLOSED: _l("已处理"),
    AlertState.FALSE_ALARM: _l("误报"),
}
TONES = {AlertState.OPEN: "danger", AlertState.ACKNOWLEDGED: "warn", AlertState.CLOSED: "ok"}
