"""Putting a worry into words, or just saying that there is one."""

from wtforms import TextAreaField
from wtforms.validators import Optional

from core.forms import Form, up_to
from core.i18n import lazy as _l


class ConcernForm(Form):
    told = TextAreaField(
        _l("看到、听到了什么"),
        [Optional(), up_to(2000)],
        description=_l("写原话和事实，不猜测。只有您和未保专员能看到；先不写也可以，他们会联系您"),
        render_kw={"rows": 5, "autocomplete": "off"},
    )
