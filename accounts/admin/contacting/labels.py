"""Words of the trail of audits for the ways out of the site, and the ways to people."""

from core.i18n import lazy as _l

KINDS = {
    "channel": _l("发送途径"),
    "contact": _l("联系方式"),
}
ACTIONS = {
    "channel_set": _l("填写发送途径的账号"),
    "channel_opened": _l("开启发送途径"),
    "channel_closed": _l("关闭发送途径"),
    "channel_receipts_set": _l("生成回执地址"),
    "channel_tried": _l("试发给自己"),
    "contact_added": _l("添加联系方式"),
    "contact_proved": _l("验证联系方式"),
    "contact_left": _l("不再收"),
    "contact_taken_up": _l("恢复联系方式"),
    "contact_ordered": _l("调整联系方式的顺序"),
    "contact_removed": _l("删除联系方式"),
    "contact_broken": _l("联系方式连续退信，已停发"),
    "visit_answered": _l("回答来不来走访"),
}
