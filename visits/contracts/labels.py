"""What rhythms, steps of the ladder and answers are called."""

from core.i18n import lazy as _l
from visits.contracts.rules import Every
from visits.lapses.ladder.rules import Check, Step

EVERY = {
    Every.WEEK: _l("每周一次"),
    Every.FORTNIGHT: _l("每两周一次"),
    Every.MONTH: _l("每月一次"),
    Every.QUARTER: _l("每季度一次"),
}
STEPS = {
    Step.REMIND: _l("提醒领队"),
    Step.TASK: _l("交协调员处理"),
    Step.NOTICE: _l("通知小组和督导员"),
    Step.PAUSE: _l("暂停结对"),
    Step.END: _l("开始结束"),
}
CHECKS = {
    Check.WELL: _l("看过了，孩子都好"),
    Check.WANTS_VISIT: _l("看过了，孩子盼着有人来"),
    Check.CONCERN: _l("有担心，请未保专员尽快联系我"),
}
CHECK_TONES = {Check.WELL: "ok", Check.WANTS_VISIT: "warn", Check.CONCERN: "danger"}
