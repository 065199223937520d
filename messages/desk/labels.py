"""Why somebody hears of something: words beside the kinds of messages."""

from core.i18n import lazy as _l
from messages.rules import Weight

WEIGHTS = {
    Weight.ORDINARY: _l("普通：不在夜里，不超过每天的条数"),
    Weight.CORRECTION: _l("更正：不算条数"),
    Weight.URGENT: _l("紧急：随时发"),
}
SUBJECTS = {"visit": _l("走访")}
