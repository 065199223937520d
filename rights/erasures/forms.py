"""What is filled in to keep an erasure back."""

from wtforms import StringField
from wtforms.validators import Optional

from children.forms import says_nothing_identifying
from core.forms import DateField, Form, up_to
from core.i18n import lazy as _l


class HoldForm(Form):
    """Why the law keeps a file for now; left empty, nothing does any more."""

    reason = StringField(
        _l("依法保留的理由"),
        [Optional(), up_to(200), says_nothing_identifying],
        description=_l("例如案件还在办理；留空就是解除保留"),
    )
    until = DateField(_l("保留到"), [Optional()], description=_l("不填就一直保留，直到解除"))
