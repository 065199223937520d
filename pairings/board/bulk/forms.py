"""What is filled in once for all proposals that are accepted together."""

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import Optional

from children.forms import says_nothing_identifying
from core.forms import DateField, Form, required, up_to
from core.i18n import lazy as _l


class AcceptForm(Form):
    """Like a single proposal's; `sure` says that the list has been seen."""

    sure = HiddenField(default="")
    note = TextAreaField(
        _l("为什么这样最有利于孩子"),
        [required(), up_to(300), says_nothing_identifying],
        description=_l("写给审批的人看，对每一对都适用；个别要说明的请单独提出"),
        render_kw={"rows": 3},
    )
    campaign = SelectField(_l("属于哪个活动"), [Optional()], choices=[])
    ends_on = DateField(
        _l("约定到哪天"), [required()], description=_l("至少一个学期，默认到学年末")
    )
