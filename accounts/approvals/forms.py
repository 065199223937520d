"""Yes or no to a request."""

from wtforms import StringField
from wtforms.validators import Optional

from core.forms import Form, required, up_to
from core.i18n import lazy as _l


class ApproveForm(Form):
    note = StringField(_l("补充说明"), [Optional(), up_to(200)])


class DeclineForm(Form):
    why = StringField(_l("驳回的理由"), [required(), up_to(200)])
