"""The form that stops a day's visits."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from wtforms import SelectField

from core import clock
from core.forms import DateField, Form, SelectChoice, required
from core.i18n import lazy as _l
from places.models import Area
from places.queries import shown
from visits.planning.forms import ahead


class WeatherForm(Form):
    county = SelectField(_l("哪个县"), [required()], coerce=int)
    day = DateField(_l("哪一天"), [required(), ahead])

    def offer(self, counties: Sequence[Area]) -> Self:
        self.county.choices = [
            SelectChoice(one.id, shown(one.name, one.name_en)) for one in counties
        ]
        return self

    def on(self) -> date:
        return self.day.data or clock.today()
