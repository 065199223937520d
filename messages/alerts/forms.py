"""What came of an alert, or why it was nothing."""

from wtforms import TextAreaField

from core.forms import Form, required, up_to
from core.i18n import lazy as _l


class CloseForm(Form):
    outcome = TextAreaField(
        _l("做了什么，结果怎样"),
        [required(), up_to(300)],
        description=_l("不写孩子的姓名、住址和电话"),
        render_kw={"rows": 3},
    )


class FalseAlarmForm(Form):
    reason = TextAreaField(
        _l("为什么是误报"),
        [required(), up_to(300)],
        description=_l("不写孩子的姓名、住址和电话"),
        render_kw={"rows": 3},
    )
