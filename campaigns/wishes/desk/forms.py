"""What the desk fills in when a parcel comes."""

import re

import wtforms
from wtforms.validators import ValidationError

from campaigns.wishes.labels import CHECKS
from campaigns.wishes.rules import DIGITS, Check
from core.forms import CodeField, Form, SelectChoice, Ticks, required
from core.i18n import _
from core.i18n import lazy as _l


class CodeForm(Form):
    code = CodeField(
        _l("送达码"),
        [required()],
        description=_l("认领人手里的八位数字"),
        render_kw={"inputmode": "numeric", "maxlength": 20, "autocomplete": "off"},
    )

    def validate_code(self, field: wtforms.Field) -> None:
        field.data = re.sub(r"-", "", field.data or "")
        if not re.fullmatch(rf"\d{{{DIGITS}}}", field.data, re.ASCII):
            raise ValidationError(_("送达码是八位数字"))


class ArriveForm(CodeForm):
    checks = Ticks(
        _l("打开看过，四项都对"),
        choices=[SelectChoice(one.value, name) for one, name in CHECKS.items()],
    )

    def seen(self) -> frozenset[Check]:
        return frozenset(Check(one) for one in self.checks.data or ())
