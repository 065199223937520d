"""Asking for a run."""

from wtforms import SelectField

from core.forms import Form, required
from core.i18n import lazy as _l


class StartForm(Form):
    """The areas to choose from are filled by the view."""

    area = SelectField(_l("哪里的孩子"), [required()])
