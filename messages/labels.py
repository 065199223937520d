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
KINDS = {
    "audit_package_due": _l("年度合规审计材料"),
    "alert_raised": _l("安全提醒"),
    "pairing_approved": _l("结对获批"),
    "pairing_declined": _l("结对未获批"),
    "pairing_ended": _l("结对结束"),
    "sign_in_code_made": _l("有人为您开出登录码"),
    "sign_up_called_off": _l("活动取消"),
    "sign_up_confirm": _l("确认报名"),
    "seat_unready": _l("手续还没办齐"),
    "seat_released": _l("名额已让给别人"),
    "sign_up_promise": _l("还来吗"),
    "sign_up_queued": _l("排上队了"),
    "sign_up_offered": _l("轮到您了"),
    "visit_t7d": _l("走访安排"),
    "visit_t2d": _l("走访前两天提醒"),
    "visit_t2h": _l("走访前两小时提醒"),
    "visit_moved": _l("走访改期"),
    "visit_cancelled": _l("走访取消"),
    "visit_checkin_missing": _l("没有按时签到"),
    "visit_checkout_missing": _l("没有按时签退"),
    "visit_concern": _l("让人担心的情况"),
    "visit_member_left": _l("走访人员有变动"),
    "visit_record_due": _l("请写走访记录"),
    "visit_sent_back": _l("走访记录被退回"),
    "schedule_failed": _l("活动没有按时公开"),
    "block_ending": _l("团队名额快到期"),
    "block_released": _l("团队名额已放回"),
    "wish_confirm": _l("请确认认领心愿"),
    "wish_bring": _l("心愿等您送来"),
    "wish_remind": _l("心愿还等着您送来"),
    "wish_arrived": _l("心愿的东西收到了"),
    "wish_given": _l("心愿实现了"),
    "wish_lapsed": _l("心愿让给了别人"),
    "wish_withdrawn": _l("心愿不用送了"),
    "student_ending": _l("学生身份快到期"),
    "student_mail": _l("证实校园邮箱"),
    "volunteer_active": _l("正式上岗"),
    "volunteer_expired": _l("手续到期"),
    "volunteer_suspended": _l("服务暂停"),
}
"""What messages are about: one line for each text in templates/messages/."""
