"""The letter itself, what somebody makes of it, and on which day the child got it."""

import wtforms
from wtforms import HiddenField, RadioField, TextAreaField, ValidationError

from children.forms import says_nothing_identifying
from core import clock
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from pairings.letters.labels import LEADS
from pairings.letters.rules import leads
from pairings.letters.services import Check


def leads_nowhere(_form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
    """Refuse a text that would bring a child in touch with somebody outside the visits."""
    found = leads(str(field.data or ""))
    if found:
        raise ValidationError(_("；").join(str(LEADS[lead]) for lead in found))


class LetterForm(Form):
    text = TextAreaField(
        _l("写给孩子的话"),
        [required(), up_to(1000), leads_nowhere, says_nothing_identifying],
        description=_l(
            "写一起做过什么、谢谢孩子什么、为什么到这里为止。"
            "不许以后再来的愿，不留任何联系方式，署孩子平时叫您的称呼"
        ),
        render_kw={"rows": 10},
    )


class CheckForm(Form):
    version = HiddenField()
    verdict = RadioField(
        _l("看过以后"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice("pass", _l("可以交给孩子")),
            SelectChoice("back", _l("请小组改一改")),
        ],
    )
    reason = TextAreaField(
        _l("要改什么"),
        [up_to(200), says_nothing_identifying],
        description=_l("请小组改的时候要写"),
        render_kw={"rows": 3},
    )

    def validate_reason(self, field: wtforms.Field) -> None:
        if self.verdict.data == "back" and not (field.data or "").strip():
            raise ValidationError(_("请写要改什么"))

    def found(self) -> Check:
        version = str(self.version.data)
        reason = str(self.reason.data or "") if self.verdict.data == "back" else None
        return Check(int(version) if version.isdecimal() else 0, reason)


class HandedForm(Form):
    on = DateField(_l("哪天交给孩子的"), [required()], default=clock.today)
