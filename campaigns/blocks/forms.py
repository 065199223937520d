"""For whom seats are kept, how many, and until when."""

from datetime import date, datetime, time

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from campaigns.blocks.rules import Asked
from core.forms import DateField, Form
from core.i18n import lazy as _l
from core.zone import CHINA

END_OF_DAY = time(23, 59)


class BlockForm(Form):
    org = SelectField(_l("给哪个单位"), [InputRequired(_l("请选一个单位"))])
    seats = IntegerField(
        _l("留几个名额"),
        [InputRequired(_l("请填留几个")), NumberRange(1, 500, _l("请填 1 到 500 的整数"))],
        render_kw={"inputmode": "numeric"},
    )
    until = DateField(
        _l("留到哪一天"),
        [InputRequired(_l("请选一天"))],
        description=_l("那一天结束时，没人占的名额自动放回去"),
    )

    def asked(self) -> Asked:
        until = datetime.combine(self.until.data or date.max, END_OF_DAY, CHINA)
        return Asked(int(str(self.org.data)), int(self.seats.data or 0), until)
