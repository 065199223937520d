"""What is asked of whoever wants a certificate, issues one, or checks one."""

from datetime import date
from typing import Self

import wtforms
from wtforms import FileField, StringField
from wtforms.validators import ValidationError

from core.forms import CodeField, DateField, Form, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from core.signatures import LARGEST
from volunteers.certificates.rules import Period


class PeriodForm(Form):
    first = DateField(_l("从哪天起"), [required()])
    last = DateField(_l("到哪天止"), [required()])

    @classmethod
    def of_year(cls, today: date) -> Self:
        """Offer the year so far; read what was sent."""
        return cls.of_request(first=today.replace(month=1, day=1), last=today)

    def period(self) -> Period:
        """Return the days of a form that is valid."""
        first, last = self.first.data, self.last.data
        if first is None or last is None:
            raise ValueError
        return Period(first, last)


class CorrectionForm(PeriodForm):
    wrong = StringField(
        _l("原来的哪里不对"),
        [required(), up_to(200)],
        description=_l("扫码查验的人会看到旧证明已换新，看不到这句话"),
    )


class ReasonForm(Form):
    reason = StringField(_l("理由"), [required(), up_to(200)])


class CheckForm(Form):
    number = CodeField(
        _l("证明编号"),
        [required(), up_to(20)],
        description=_l("例如 TX-2026-01234567"),
        render_kw={"autocapitalize": "characters"},
    )
    name = StringField(_l("证明上的姓名"), [required(), up_to(40)])


class FileForm(Form):
    file = FileField(
        _l("证明文件"),
        description=_l("志愿者下载的 .json 文件"),
        render_kw={"accept": ".json,application/json"},
    )

    brought: bytes

    def validate_file(self, field: wtforms.Field) -> None:
        if not getattr(field.data, "filename", ""):
            raise ValidationError(_("请选一个文件"))
        self.brought = field.data.read(LARGEST + 1)
