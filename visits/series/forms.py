"""The form of a series: the first day, how often from then on, and what happens on holidays."""

from collections.abc import Sequence
from datetime import time
from typing import Self

from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from accounts.labels import ROLES
from accounts.rules import Role
from core import clock
from core.db import AnyRow
from core.forms import DateField, Form, SelectChoice, required
from core.i18n import _
from core.i18n import lazy as _l
from core.zone import CHINA
from visits.limits.rules import Limits
from visits.models import Visit
from visits.planning.forms import (
    ahead,
    escort_field,
    home_agreed_field,
    lengths,
    place_kind_field,
    place_text_field,
    times,
)
from visits.rules import PlaceKind
from visits.series.labels import POLICIES, RHYTHMS
from visits.series.models import Series
from visits.series.rules import HolidayPolicy, Rhythm
from visits.series.services import Wish

BY_RULE = {"FREQ=WEEKLY;BYDAY": Rhythm.WEEKLY, "FREQ=WEEKLY;INTERVAL=2": Rhythm.FORTNIGHTLY}


class SeriesForm(Form):
    """What recurs; escorts and times to choose from are offered by the view."""

    day = DateField(_l("第一次的日期"), [required(), ahead])
    rhythm = RadioField(
        _l("多久一次"),
        [required(_l("请选多久一次"))],
        choices=[SelectChoice(one.value, name) for one, name in RHYTHMS.items()],
    )
    start = SelectField(_l("开始时间"), [required()])
    minutes = SelectField(_l("时长"), [required()], coerce=int)
    last = DateField(
        _l("到哪一天为止"), [Optional(), ahead], description=_l("不填就一直到结对结束那天")
    )
    policy = RadioField(
        _l("遇到节假日或补班日"),
        [required(_l("请选节假日怎么办"))],
        choices=[SelectChoice(one.value, name) for one, name in POLICIES.items()],
    )
    place_kind = place_kind_field()
    place_text = place_text_field()
    home_agreed = home_agreed_field()
    escort = escort_field()

    @classmethod
    def of_pairing(cls, escorts: Sequence[AnyRow]) -> Self:
        return cls.of_request(
            start="10:00",
            minutes=90,
            rhythm=Rhythm.FORTNIGHTLY.value,
            policy=HolidayPolicy.SKIP.value,
            place_kind=PlaceKind.STATION.value,
            escort=escorts[0].id if escorts else None,
        )

    @classmethod
    def of_series(cls, series: Series, visit: Visit) -> Self:
        """Read what was sent; without anything sent, show the series from a visit on."""
        start = visit.starts_at.astimezone(CHINA)
        by_date = Rhythm.MONTHLY_BY_DATE if "BYMONTHDAY" in series.rule else Rhythm.MONTHLY
        rhythm = next((one for said, one in BY_RULE.items() if said in series.rule), by_date)
        return cls.of_request(
            day=start.date(),
            start=f"{start:%H:%M}",
            minutes=series.minutes,
            rhythm=rhythm.value,
            policy=series.policy.value,
            last=series.last_on,
            place_kind=series.place_kind.value,
            place_text=series.place_text,
            home_agreed=series.home_agreed,
            escort=series.escort_id,
        )

    def offer(self, limits: Limits, escorts: Sequence[AnyRow]) -> Self:
        """Fill what can be chosen, and return the form."""
        self.start.choices = [SelectChoice(one, one) for one in times(limits.first, limits.last)]
        self.minutes.choices = [
            SelectChoice(n, _("%(n)d 分钟", n=n)) for n in lengths(limits.shortest, limits.longest)
        ]
        self.escort.choices = [
            SelectChoice(row.id, f"{row.name} · {ROLES[Role(row.role)]}") for row in escorts
        ]
        return self

    def wish(self) -> Wish:
        return Wish(
            rhythm=Rhythm(self.rhythm.data),
            first=self.day.data or clock.today(),
            start=time.fromisoformat(str(self.start.data)),
            minutes=int(self.minutes.data),
            policy=HolidayPolicy(self.policy.data),
            place_kind=PlaceKind(self.place_kind.data),
            place_text=str(self.place_text.data),
            escort_id=int(self.escort.data),
            home_agreed=bool(self.home_agreed.data),
            last=self.last.data,
        )
