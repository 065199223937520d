"""Words for what somebody answers to a reminder."""

from core.i18n import lazy as _l
from visits.answers.rules import Said

SAID = {Said.COMES: _l("说了会来"), Said.STAYS: _l("来不了")}
TONES = {Said.COMES: "ok", Said.STAYS: "danger"}
