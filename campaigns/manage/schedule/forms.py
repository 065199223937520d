"""When a campaign is to be published: a day and an hour in China."""

from datetime import date, datetime, time

from wtforms import HiddenField, TimeField
from wtforms.validators import InputRequired

from core.forms import DateField, Form
from core.i18n import lazy as _l
from core.zone import CHINA


class ScheduleForm(Form):
    day = DateField(_l("哪一天"), [InputRequired(_l("请选一天"))])
    hour = TimeField(
        _l("几点几分"),
        [InputRequired(_l("请填时间，例如 08:30"))],
        description=_l("北京时间"),
    )
    version = HiddenField(default="0")

    def at(self) -> datetime:
        return datetime.combine(self.day.data or date.max, self.hour.data or time(), CHINA)
