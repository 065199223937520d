"""What private calendars call things."""

from core.i18n import lazy as _l
from visits.feeds.rules import Reach

REACHES = {Reach.MINE: _l("我参加的走访"), Reach.ALL: _l("我能看到的全部走访")}
