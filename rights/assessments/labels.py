"""What assessments and their results are called."""

from datetime import date

from core.i18n import _
from core.i18n import lazy as _l
from rights.assessments.models import Assessment
from rights.assessments.rules import Result, State

STATES = {
    State.DRAFT: _l("草稿"),
    State.APPROVED: _l("已批准"),
    State.SUPERSEDED: _l("已由复核代替"),
}
TONES = {State.DRAFT: "info", State.APPROVED: "ok", State.SUPERSEDED: ""}
RESULTS = {
    Result.ACCEPTABLE: _l("可以做"),
    Result.WITH_MEASURES: _l("采取措施后可以做"),
    Result.NOT_ACCEPTABLE: _l("不可以做"),
}
FIELDS = {
    "title": _l("评估什么"),
    "purposes": _l("处理的目的"),
    "involved": _l("用到哪些信息"),
    "necessity": _l("为什么必要"),
    "risks": _l("对个人的影响和风险"),
    "measures": _l("保护措施"),
}


def standing(found: Assessment, today: date) -> tuple[str, str]:
    """Return where an assessment stands in a word, and its tone."""
    if found.state is State.APPROVED and found.review_on and found.review_on <= today:
        return _("该复核了"), "danger"
    return str(STATES[found.state]), TONES[found.state]
