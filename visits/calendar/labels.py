"""What the calendar calls things."""

from core.i18n import lazy as _l
from places.days.rules import TimeKind
from visits.calendar.rules import View

TIMES = {TimeKind.TERM: _l("学期"), TimeKind.EXAMS: _l("考试")}
VIEWS = {View.AGENDA: _l("日程"), View.WEEK: _l("周历"), View.MONTH: _l("月历")}
