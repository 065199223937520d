"""What people fill in of holidays, terms and examinations."""

import wtforms
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import ValidationError

from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from places.days.rules import DayKind, TimeKind
from visits.calendar.days.services import Special, Stretch
from visits.calendar.labels import TIMES
from visits.labels import DAY_KINDS

FIRST, LAST = 2000, 2100
LONGEST_TERM = 250


def near(_form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
    """Refuse a day of another century: it is a slip of the finger."""
    if field.data and not FIRST <= field.data.year <= LAST:
        raise ValidationError(_("请核对年份"))


class DayForm(Form):
    day = DateField(_l("哪一天"), [required(), near])
    kind = SelectField(
        _l("这一天"),
        [required()],
        choices=[SelectChoice(kind.value, DAY_KINDS[kind]) for kind in DayKind],
    )
    name = StringField(_l("叫什么"), [required(), up_to(40)], description=_l("例如“春节”"))
    source = StringField(
        _l("出处"), [required(), up_to(120)], description=_l("例如通知的名称和日期")
    )
    confirmed = BooleanField(
        _l("已经正式公布"), description=_l("没有公布的，会标“暂定”"), default=True
    )

    def special(self) -> Special:
        return Special(
            self.day.data,  # type: ignore[arg-type]  # required
            DayKind(self.kind.data),
            str(self.name.data),
            str(self.source.data),
            bool(self.confirmed.data),
        )


class TimeForm(Form):
    """Whose it may be is filled by the view."""

    kind = SelectField(
        _l("是什么"),
        [required()],
        choices=[SelectChoice(kind.value, TIMES[kind]) for kind in TimeKind],
    )
    whose = SelectField(_l("哪里的"), [required()])
    name = StringField(
        _l("叫什么"), [required(), up_to(40)], description=_l("例如“2026—2027 学年第二学期”")
    )
    first_day = DateField(_l("第一天"), [required(), near])
    last_day = DateField(_l("最后一天"), [required(), near])
    source = StringField(_l("出处"), [required(), up_to(120)], description=_l("例如“县教育局校历”"))
    confirmed = BooleanField(
        _l("已经正式公布"), description=_l("没有公布的，会标“暂定”"), default=True
    )

    def validate_last_day(self, field: wtforms.Field) -> None:
        if not (self.first_day.data and field.data):
            return
        days = (field.data - self.first_day.data).days
        if days < 0:
            raise ValidationError(_("最后一天不能早于第一天"))
        if days > LONGEST_TERM:
            raise ValidationError(_("比一个学期还长，请核对"))

    def stretch(self) -> Stretch:
        return Stretch(
            TimeKind(self.kind.data),
            str(self.whose.data),
            str(self.name.data),
            self.first_day.data,  # type: ignore[arg-type]  # required
            self.last_day.data,  # type: ignore[arg-type]  # required
            str(self.source.data),
            bool(self.confirmed.data),
        )
