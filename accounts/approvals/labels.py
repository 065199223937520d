"""Words for what becomes of a request."""

from accounts.approvals.rules import Step
from core.i18n import lazy as _l

STEPS = {
    Step.ASKED: _l("等待批准"),
    Step.APPROVED: _l("已批准"),
    Step.DECLINED: _l("已驳回"),
    Step.WITHDRAWN: _l("已撤回"),
    Step.EXPIRED: _l("已过期"),
}
TONES = {Step.ASKED: "warn", Step.APPROVED: "ok", Step.DECLINED: "danger"}
