"""What is filled in to send a pairing along its way."""

from wtforms import SelectField, TextAreaField

from children.forms import says_nothing_identifying
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from pairings.endings.services import Parting
from pairings.labels import END_REASONS
from pairings.rules import AT_ONCE, CHOSEN, EndReason


class NoteForm(Form):
    note = TextAreaField(
        _l("说明"), [required(), up_to(300), says_nothing_identifying], render_kw={"rows": 3}
    )


class PartingForm(Form):
    reason = SelectField(
        _l("为什么结束"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(one.value, END_REASONS[one]) for one in CHOSEN if one not in AT_ONCE),
        ],
    )
    note = TextAreaField(
        _l("说明"),
        [required(), up_to(300), says_nothing_identifying],
        description=_l("怎样告诉孩子、什么时候告别、谁来接手"),
        render_kw={"rows": 3},
    )

    def parting(self) -> Parting:
        return Parting(EndReason(self.reason.data), str(self.note.data))


class UntilForm(Form):
    until = DateField(_l("续到哪天"), [required()])
