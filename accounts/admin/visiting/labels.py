"""Words of the trail of audits for visits and their records."""

from core.i18n import lazy as _l

ACTIONS = {
    "record_visit": _l("写走访记录"),
    "approve_record": _l("审核通过记录"),
    "send_back_record": _l("退回记录"),
    "incident_drafted": _l("说有让人担心的情况"),
    "incident_told": _l("写明让人担心的情况"),
    "incident_read": _l("看了别人写明的担心"),
    "agree_rhythm": _l("改走访约定"),
    "stop_visits": _l("因天气停止走访"),
    "allow_visits": _l("恢复走访"),
    "lapse_step": _l("走访没有成行，走一步"),
    "child_looked_after": _l("看望过孩子"),
    "begin_series": _l("排固定走访"),
    "end_series": _l("结束固定走访"),
    "drop_occurrence": _l("决定一次固定走访不排"),
    "make_calendar_feed": _l("开日历链接"),
    "revoke_calendar_feed": _l("作废日历链接"),
    "choose_invitations": _l("选择要不要日历邀请"),
    "plan_visit": _l("安排走访"),
    "move_visit": _l("走访改期"),
    "confirm_visit": _l("确认走访"),
    "cancel_visit": _l("取消走访"),
    "check_in": _l("签到"),
    "check_out": _l("签退"),
    "member_left_visit": _l("走访成员退出"),
    "no_show": _l("记为未成行"),
}
