"""What an editor calls a place where a poster hangs."""

from wtforms import StringField

from campaigns.signups.forms import plain
from core.forms import Form, required, up_to
from core.i18n import lazy as _l


class PlaceForm(Form):
    name = StringField(
        _l("张贴点"),
        [required(), up_to(40), plain],
        description=_l("例如“榆次图书馆大厅”。只给工作人员看，海报上不印"),
    )
