"""How far a demonstration's clock is moved."""

from datetime import timedelta

from wtforms import RadioField

from core.forms import Form, SelectChoice, required
from core.i18n import lazy as _l

LENGTHS = {
    "1": _l("1 小时"),
    "24": _l("1 天"),
    "168": _l("7 天"),
    "720": _l("30 天"),
}


class AdvanceForm(Form):
    hours = RadioField(
        _l("往前拨多久"),
        choices=[SelectChoice(*one) for one in LENGTHS.items()],
        default="24",
        validators=[required()],
    )

    @property
    def length(self) -> timedelta:
        return timedelta(hours=int(self.hours.data))
