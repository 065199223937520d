"""What students type to show that they study."""

import wtforms
from wtforms import SelectField, StringField
from wtforms.validators import ValidationError

from core.forms import CodeField, Form, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from volunteers.students.rules import domain_of


class MailForm(Form):
    address = CodeField(
        _l("校园邮箱"),
        [required(), up_to(120)],
        render_kw={"type": "email", "inputmode": "email", "autocomplete": "off"},
    )

    def validate_address(self, field: wtforms.Field) -> None:
        field.data = str(field.data).lower()
        if not domain_of(field.data):
            raise ValidationError(_("请填学校发的完整邮箱，只有字母、数字、点和横线"))

    def told(self) -> str:
        return str(self.address.data)


class RosterForm(Form):
    org = SelectField(_l("学校"), [required()])
    number = CodeField(
        _l("学号"), [required(), up_to(30)], render_kw={"autocomplete": "off", "maxlength": 30}
    )
    name = StringField(_l("姓名"), [required(), up_to(40)], render_kw={"autocomplete": "off"})
