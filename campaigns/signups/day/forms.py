"""What is typed on the day: the code on the board, and times from paper."""

from datetime import date, datetime, time

from wtforms import HiddenField, TimeField
from wtforms.validators import AnyOf

from campaigns.signups.day.rules import Move
from campaigns.signups.day.services import Times
from core.forms import CodeField, DateField, Form, required
from core.i18n import lazy as _l
from core.zone import CHINA


class CodeForm(Form):
    """Checking oneself in or out."""

    move = HiddenField(validators=[AnyOf([Move.ARRIVED.value, Move.LEFT.value])])
    code = CodeField(
        _l("现场签到板上的六位数字"),
        [required()],
        description=_l("每分钟换一次"),
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 12},
    )


class TimesForm(Form):
    """When somebody came and left, from the list on paper."""

    day = DateField(_l("日期"), [required()])
    arrived = TimeField(_l("到场时间"), [required()])
    left = TimeField(_l("离开时间"), [required()])

    def times(self) -> Times:
        day: date = self.day.data  # type: ignore[assignment]  # required
        return Times(_at(day, self.arrived.data), _at(day, self.left.data))


def _at(day: date, moment: time | None) -> datetime:
    return datetime.combine(day, moment or time(), CHINA)
