"""What an editor calls a place where a poster hangs."""

from wtforms import SelectField, StringField
from wtforms.validators import Optional

from campaigns.signups.forms import plain
from core.forms import Form, required, up_to
from core.i18n import lazy as _l


class PlaceForm(Form):
    name = StringField(
        _l("张贴点"),
        [required(), up_to(40), plain],
        description=_l("例如“榆次图书馆大厅”。只给工作人员看，海报上不印"),
    )
    county = SelectField(
        _l("在哪个县（区、市）"),
        [Optional()],
        description=_l("从这里扫码进来的人，先看到离这个县近的名额"),
    )
