"""Words of the trail of audits for visits and their records."""

from core.i18n import lazy as _l

ACTIONS = {
    "record_visit": _l("写走访记录"),
    "approve_record": _l("审核通过记录"),
    "send_back_record": _l("退回记录"),
    "incident_drafted": _l("说有让人担心的情况"),
    "incident_told": _l("写明让人担心的情况"),
    "incident_read": _l("看了别人写明的担心"),
}
