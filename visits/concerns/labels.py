"""What is said of worries."""

from core.i18n import lazy as _l
from visits.concerns.rules import State

STATES = {State.DRAFT: _l("已通知，还没有写明"), State.RAISED: _l("已写明")}
TONES = {State.DRAFT: "warn", State.RAISED: "info"}
