"""How a calendar is brought: a file, or its text."""

import wtforms
from wtforms import FileField
from wtforms.validators import ValidationError

from accounts.web import person
from core.forms import Form, LongTextField
from core.i18n import _
from core.i18n import lazy as _l
from visits.busy.labels import WRONG
from visits.busy.reading.rules import LARGEST, BadCalendar
from visits.busy.reading.services import Found
from visits.busy.services import looked_at, may_bring


class CalendarTextField(LongTextField):
    longest = LARGEST


class BringForm(Form):
    file = FileField(
        _l("日历文件"),
        description=_l(".ics，最多 800 KB、2000 条日程"),
        render_kw={"accept": ".ics,text/calendar"},
    )
    pasted = CalendarTextField(
        _l("或者贴上它的文字"),
        description=_l("以 BEGIN:VCALENDAR 开头"),
        render_kw={"rows": 6, "spellcheck": "false", "autocomplete": "off"},
    )

    found: Found

    def validate_file(self, field: wtforms.Field) -> None:
        if self._uploaded:
            self.found = _looked_at(field.data.read(LARGEST + 1))

    def validate_pasted(self, field: wtforms.Field) -> None:
        pasted = (field.data or "").strip()
        if bool(pasted) == self._uploaded:
            raise ValidationError(_("请选一个文件，或者贴上文字，两样只要一样"))
        if pasted:
            self.found = _looked_at(pasted.encode("utf-8", "surrogatepass"))

    @property
    def _uploaded(self) -> bool:
        return bool(getattr(self.file.data, "filename", ""))


def _looked_at(content: bytes) -> Found:
    may_bring(person().id or 0)
    try:
        return looked_at(content)
    except BadCalendar as refusal:
        raise ValidationError(str(WRONG[refusal.wrong])) from refusal
