"""What is filled in to see something sealed, to ask for leave to, and to answer."""

from collections.abc import Iterable

from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Optional

from children.access.labels import REASONS
from children.access.rules import Reason
from children.access.services import Asked
from children.forms import says_nothing_identifying
from children.sealed.labels import FIELDS
from children.sealed.rules import SealedField
from core.forms import Form, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l

APPROVE, DECLINE = "approve", "decline"


class _WhyForm(Form):
    """Which fields, and why: a reason of the list and what it is about in a few words."""

    fields = Ticks(_l("要看哪几项"), [required(_l("请至少选一项"))], choices=[])
    reason = SelectField(
        _l("事由"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(reason.value, name) for reason, name in REASONS.items()),
        ],
    )
    note = StringField(
        _l("具体说明"),
        [required(), up_to(200), says_nothing_identifying],
        description=_l("例如“周六走访，要和家长约时间”。会留在查看记录里，不写姓名和电话"),
    )

    def offer(self, fields: Iterable[SealedField]) -> None:
        """Let only these fields be chosen."""
        self.fields.choices = [SelectChoice(field.value, FIELDS[field]) for field in fields]

    def chosen(self) -> frozenset[SealedField]:
        return frozenset(SealedField(name) for name in self.fields.data or ())

    def fields_in_order(self) -> list[SealedField]:
        return [field for field in SealedField if field in self.chosen()]


class RevealForm(_WhyForm):
    """Show the fields now, once."""

    def asked(self) -> Asked:
        return Asked(self.chosen(), Reason(self.reason.data), str(self.note.data))


class AskForm(_WhyForm):
    """Ask somebody else for leave to see the fields for a while."""

    hours = SelectField(_l("需要多久"), choices=[])

    def offer_hours(self, longest: int) -> None:
        """Let a grant hold at most as long as the rules say."""
        lasting = sorted({min(hours, longest) for hours in (4, 24, 72)})
        self.hours.choices = [
            SelectChoice(str(hours), _("%(n)d 小时", n=hours)) for hours in lasting
        ]

    def asked(self) -> Asked:
        return Asked(
            self.chosen(), Reason(self.reason.data), str(self.note.data), int(self.hours.data)
        )


class AnswerForm(Form):
    """Yes or no to somebody else's request."""

    decision = RadioField(
        _l("答复"),
        [required(_l("请选择"))],
        choices=[SelectChoice(APPROVE, _l("批准")), SelectChoice(DECLINE, _l("不批准"))],
    )
    note = StringField(
        _l("理由"),
        [Optional(), up_to(200), says_nothing_identifying],
        description=_l("会留在记录里，申请人看得到"),
    )
