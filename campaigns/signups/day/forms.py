"""What is typed on the day: the code on the board, a contact, and times from paper."""

from datetime import date, datetime, time

from wtforms import HiddenField, RadioField, TimeField
from wtforms.validators import AnyOf

from campaigns.signups.day.rules import Move
from campaigns.signups.day.services import Times
from campaigns.signups.forms import ContactField
from core.forms import CodeField, DateField, Form, SelectChoice, required
from core.i18n import lazy as _l
from core.zone import CHINA


def the_code() -> CodeField:
    return CodeField(
        _l("现场签到板上的六位数字"),
        [required()],
        description=_l("每分钟换一次"),
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 12},
    )


class CodeForm(Form):
    """Checking oneself in or out."""

    move = HiddenField(validators=[AnyOf([Move.ARRIVED.value, Move.LEFT.value])])
    code = the_code()


class ContactForm(Form):
    """Checking in or out without signing in: whoever it is, they type what they signed up with."""

    move = RadioField(
        _l("要记什么"),
        choices=[
            SelectChoice(Move.ARRIVED.value, _l("我到了")),
            SelectChoice(Move.LEFT.value, _l("我走了")),
        ],
        default=Move.ARRIVED.value,
    )
    contact = ContactField(
        _l("报名时填的手机号或邮箱"),
        [required(_l("请填报名时用的手机号或邮箱"))],
        render_kw={"autocomplete": "email", "inputmode": "email", "maxlength": 120},
    )
    code = the_code()


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
