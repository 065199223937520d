"""What reasons, grounds and states of a request are called on the page."""

from children.access.rules import GrantState, Ground, Reason
from children.labels import CHECKED
from core.i18n import lazy as _l

OPEN_FIELDS = {
    **CHECKED,
    "alias": _l("代号"),
    "needs": _l("需要"),
    "interests": _l("喜欢"),
    "care_hint": _l("要注意"),
    "boarding": _l("平时住校"),
    "free": _l("方便见面"),
    "township_id": _l("乡镇"),
    "village_id": _l("村"),
    "place_text": _l("见面地点"),
    "lapse_steps": _l("走访没有成行的经过"),
    "state": _l("状态"),
}
"""What the trail calls a child's other fields."""
REASONS = {
    Reason.VISIT: _l("准备或陪同走访"),
    Reason.CALL_GUARDIAN: _l("联系监护人"),
    Reason.SAFETY: _l("孩子的安全"),
    Reason.CONSENT: _l("征求或核实同意"),
    Reason.AID: _l("办理救助、转介"),
    Reason.CORRECTION: _l("核对、更正档案"),
    Reason.OTHER: _l("其他"),
}
GROUNDS = {
    Ground.STANDING: _l("职责所需，写明事由即可查看"),
    Ground.VISIT: _l("走访前后（前 48 小时到后 24 小时）可以查看"),
    Ground.GRANT: _l("已获批准，在有效期内可以查看"),
    Ground.REQUEST: _l("家里要求复制，由另一位协调员打印"),
    None: _l("现在不能查看，需要另一个人批准"),
}
STATES = {
    GrantState.REQUESTED: _l("等审批"),
    GrantState.ACTIVE: _l("有效"),
    GrantState.DECLINED: _l("没有批准"),
    GrantState.EXPIRED: _l("已到期"),
    GrantState.REVOKED: _l("已收回"),
}
TONES = {
    GrantState.REQUESTED: "info",
    GrantState.ACTIVE: "ok",
    GrantState.DECLINED: "danger",
    GrantState.EXPIRED: "",
    GrantState.REVOKED: "",
}
