"""What people fill in around a visit."""

from collections.abc import Callable

from wtforms import BooleanField, IntegerField, RadioField
from wtforms.fields.core import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from children.labels import FINDINGS
from children.rules import identifying
from core.forms import CodeField, Form, SelectChoice, required
from core.i18n import lazy as _l
from visits.arrivals.services import CodeSpent
from visits.labels import CANCEL_REASONS
from visits.rules import CHOSEN_REASONS, CancelReason


def discreet(_form: BaseForm, field: Field) -> None:
    """Refuse text by which a child could be recognised: a number, a phone, a school."""
    found = identifying(field.data or "")
    if found:
        raise ValidationError("；".join(str(FINDINGS[finding]) for finding in found))


class NumberField(IntegerField):
    """The number of what was on the page, carried along unseen: others may have changed it."""

    widget = HiddenInput()


class ConfirmForm(Form):
    """What the escort has to have settled; both, or it is no confirmation."""

    place_ready = BooleanField(
        _l("地点已落实，届时我在场陪同"), [required(_l("请落实地点后再确认"))]
    )
    guardian_agreed = BooleanField(
        _l("监护人或照料人已同意，孩子也愿意"), [required(_l("请问过监护人和孩子后再确认"))]
    )


class CancelForm(Form):
    reason = RadioField(
        _l("为什么取消"),
        [required(_l("请选一个原因"))],
        choices=[SelectChoice(reason.value, CANCEL_REASONS[reason]) for reason in CHOSEN_REASONS],
    )

    everybody = BooleanField(_l("一起走访的其他孩子也都取消"))

    def why(self) -> CancelReason:
        return CancelReason(self.reason.data)


class CodeForm(Form):
    """The code that the escort reads out, typed by whoever comes or goes."""

    code = CodeField(
        _l("签到码"),
        [required(_l("请填陪同人读给您的六位数字"))],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 12},
    )
    spent = False

    @property
    def status(self) -> int:
        """409 when somebody was later than the code, or had used it; else as any form."""
        return 409 if self.spent else super().status

    def opens(self, action: Callable[[], object]) -> bool:
        """Act if the code is typed, and keep whether it was one that is over or used."""

        def act() -> None:
            try:
                action()
            except CodeSpent:
                self.spent = True
                raise

        return self.tries(act)
