"""What is filled in on the board beside a proposal itself."""

from wtforms import StringField

from accounts.saved.models import LONGEST
from children.forms import says_nothing_identifying
from core.forms import Form, required, up_to
from core.i18n import lazy as _l


class SaveForm(Form):
    """A name for the filters of the moment."""

    name = StringField(_l("名称"), [required(), up_to(LONGEST), says_nothing_identifying])
