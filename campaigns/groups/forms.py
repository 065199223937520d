"""What is asked of a group's member: a name, a contact and a tick; or the code itself."""

from campaigns.signups.forms import SeatForm
from core.forms import CodeField, Form, required
from core.i18n import lazy as _l


class GroupForm(SeatForm):
    """The organisation is known already."""


class TypedForm(Form):
    code = CodeField(
        _l("团队口令"),
        [required(_l("请填八位口令"))],
        render_kw={"autocomplete": "off", "maxlength": 12, "autocapitalize": "none"},
    )
