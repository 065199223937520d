"""What people do at a slot, how it takes place in time and how often it comes back."""

from campaigns.manage.slots.rules import Again
from campaigns.rules import SlotRole, Timing
from core.i18n import lazy as _l

ROLES = {
    SlotRole.COMPANION: _l("陪伴"),
    SlotRole.LEADER: _l("领队"),
    SlotRole.TUTOR: _l("辅导"),
    SlotRole.HELPER: _l("后勤"),
    SlotRole.DRIVER: _l("司机"),
}
TIMINGS = {
    Timing.WINDOW: _l("在这些天里商定时间"),
    Timing.FIXED: _l("每天固定的钟点"),
    Timing.OPEN_ENDED: _l("长期进行，随时可以加入"),
}
AGAIN = {
    Again.ONCE: _l("只有一次"),
    Again.WEEKLY: _l("每周"),
    Again.FORTNIGHTLY: _l("每两周"),
    Again.MONTHLY: _l("每月"),
}
