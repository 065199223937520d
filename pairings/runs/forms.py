"""Asking for a run, and saying no to a pair that it proposes."""

from wtforms import RadioField, SelectField

from core.forms import Form, SelectChoice, required
from core.i18n import lazy as _l
from pairings.runs.labels import REFUSALS
from pairings.runs.rules import Refusal


class StartForm(Form):
    """The areas to choose from are filled by the view."""

    area = SelectField(_l("哪里的孩子"), [required()])


class RefuseForm(Form):
    reason = RadioField(
        _l("为什么不合适"),
        [required()],
        choices=[SelectChoice(reason.value, said) for reason, said in REFUSALS.items()],
    )

    @property
    def refusal(self) -> Refusal:
        return Refusal(self.reason.data)
