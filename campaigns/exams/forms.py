"""What the desk enters of examinations."""

import wtforms
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from campaigns.exams.services import Period
from campaigns.signups.forms import plain
from core.forms import DateField, Form, required, up_to
from core.i18n import _
from core.i18n import lazy as _l


class ExamForm(Form):
    """The schools to choose from are filled by the view."""

    name = StringField(
        _l("考试"), [required(), up_to(40), plain], description=_l("例如“期末考试周”")
    )
    name_en = StringField(_l("考试（英文）"), [Optional(), up_to(80), plain])
    first_day = DateField(_l("第一天"), [required()])
    last_day = DateField(_l("最后一天"), [required()])
    org = SelectField(_l("谁的考试"), [Optional()])
    source = StringField(
        _l("出处"), [required(), up_to(120), plain], description=_l("例如“学校校历”")
    )
    confirmed = BooleanField(
        _l("日期已经公布"), description=_l("没有公布的，会写上“预计”"), default=True
    )

    def validate_last_day(self, field: wtforms.Field) -> None:
        if self.first_day.data and field.data and field.data < self.first_day.data:
            raise ValidationError(_("最后一天不能早于第一天"))

    def period(self) -> Period:
        return Period(
            str(self.name.data),
            str(self.name_en.data or ""),
            self.first_day.data,  # type: ignore[arg-type]  # required
            self.last_day.data,  # type: ignore[arg-type]  # required
            int(self.org.data or 0) or None,
            str(self.source.data),
            bool(self.confirmed.data),
        )
