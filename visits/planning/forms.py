"""The form of a plan; what rules say against it stands beside the fields it concerns."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Self

from flask import request
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.core import Field
from wtforms.form import BaseForm
from wtforms.validators import NumberRange, Optional, ValidationError

from accounts.labels import ROLES
from accounts.rules import Role
from core import clock
from core.db import AnyRow
from core.forms import DateField, Form, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from core.zone import CHINA
from visits.forms import NumberField, discreet
from visits.labels import PLACES
from visits.limits.rules import Limits
from visits.planning.rules import Plan, Why
from visits.queries import Seen
from visits.rules import PlaceKind
from visits.services import PlanRefused
from volunteers.rules import Status
from volunteers.teams.rules import Member

STEP = 15
FARTHEST = timedelta(days=730)
FIELDS = {
    Why.OUTSIDE_PAIRING: "day",
    Why.NO_CONSENT: "day",
    Why.TOO_SOON: "day",
    Why.MAKEUP_WORKDAY: "day",
    Why.AT_BOARDING_SCHOOL: "day",
    Why.DARK_AFTER_SCHOOL: "day",
    Why.TOO_OFTEN: "day",
    Why.OUT_OF_HOURS: "start",
    Why.CLASS_HOURS: "start",
    Why.NOT_ONE_DAY: "start",
    Why.CHILD_BUSY: "start",
    Why.TOO_SHORT: "minutes",
    Why.TOO_LONG: "minutes",
    Why.PERSON_BUSY: "members",
    Why.NOT_IN_TEAM: "members",
    Why.NOT_ACTIVE: "members",
    Why.NOT_CLEARED: "members",
    Why.TOO_FEW_ADULTS: "members",
    Why.NO_WOMAN: "members",
    Why.ESCORT_NOT_LOCAL: "escort",
    Why.HOME_NOT_AGREED: "home_agreed",
    Why.BETTER_PLACE: "place_kind",
    Why.PLACE_NOT_IN_CONTRACT: "place_kind",
    Why.EXAMS: "day",
    Why.BAD_WEATHER: "day",
    Why.FIRST_WITH_TWO: "members",
    Why.TOO_MANY_FACES: "members",
    Why.TOGETHER_AT_HOME: "place_kind",
    Why.TOO_FEW_FOR_ALL: "together",
    Why.NOT_TOGETHER: "together",
}


def ahead(_form: BaseForm, field: Field) -> None:
    """Refuse a day that is over, or further away than any pairing lasts."""
    if field.data and not clock.today() <= field.data <= clock.today() + FARTHEST:
        raise ValidationError(_("请选今天以后、两年以内的日期"))


def place_kind_field() -> RadioField:
    """Return the question for the kind of place, for every form that plans a visit."""
    return RadioField(
        _l("在哪里见面"),
        [required(_l("请选一种地点"))],
        choices=[SelectChoice(kind.value, name) for kind, name in PLACES.items()],
        description=_l("按先后选：工作站和儿童之家最好，家里放在最后"),
    )


def place_text_field() -> StringField:
    return StringField(
        _l("具体地点"),
        [required(), up_to(80), discreet],
        description=_l("如“工作站二楼活动室”；不写学校名、门牌号和孩子的名字"),
    )


def home_agreed_field() -> BooleanField:
    label = _l("去家里：监护人或照料人已同意，届时在场，别处都不合适")
    return BooleanField(label, [Optional()])


def escort_field() -> SelectField:
    return SelectField(_l("本地陪同人"), [required(_l("请选一位陪同人"))], coerce=int)


class PlanForm(Form):
    """When, where and with whom; people and times to choose from are offered by the view."""

    day = DateField(_l("走访日期"), [required(), ahead])
    start = SelectField(_l("开始时间"), [required()])
    minutes = SelectField(_l("时长"), [required()], coerce=int)
    place_kind = place_kind_field()
    place_text = place_text_field()
    home_agreed = home_agreed_field()
    escort = escort_field()
    members = Ticks(
        _l("参加的志愿者"),
        [required(_l("请至少选一名志愿者"))],
        coerce=int,
    )
    together = Ticks(
        _l("一起走访的孩子"),
        [Optional()],
        description=_l("同一个乡镇、同一时间和地点；每个孩子由自己的小组陪伴，各自确认，各写记录"),
    )

    @classmethod
    def of_pairing(cls, team: Sequence[Member], escorts: Sequence[AnyRow]) -> "PlanForm":
        """Read what was sent; without anything sent, propose the whole team and an escort."""
        return cls.of_request(
            start="10:00",
            minutes=90,
            place_kind=PlaceKind.STATION.value,
            members=[one.person_id for one in team if one.status is Status.ACTIVE],
            escort=escorts[0].id if escorts else None,
        )

    def offer(
        self,
        limits: Limits,
        team: Sequence[Member],
        escorts: Sequence[AnyRow],
        together: Sequence[AnyRow] = (),
    ) -> Self:
        """Fill what can be chosen, and return the form."""
        self.together.choices = [SelectChoice(row.uid, row.alias) for row in together]
        self.start.choices = [SelectChoice(one, one) for one in times(limits.first, limits.last)]
        self.minutes.choices = [
            SelectChoice(n, _("%(n)d 分钟", n=n)) for n in lengths(limits.shortest, limits.longest)
        ]
        self.members.choices = [
            SelectChoice(
                one.person_id,
                one.name + _("（%(state)s）", state=_("领队")) if one.leads else one.name,
            )
            for one in team
        ]
        self.escort.choices = [
            SelectChoice(row.id, f"{row.name} · {ROLES[Role(row.role)]}") for row in escorts
        ]
        return self

    def is_told(self) -> bool:
        """Whether enough stands here, and nothing that cannot be chosen, to look for times."""
        single = (self.start, self.minutes, self.place_kind, self.escort)
        return all(one.data in _values(one) for one in single) and (
            _values(self.members).issuperset(self.members.data or ())
        )

    def names(self) -> dict[int | None, str]:
        """Return who can be chosen, by person id."""
        return {
            one.value: str(one.label)
            for field in (self.escort, self.members)
            for one in field.choices or ()
            if isinstance(one, SelectChoice)
        }

    def plan(self) -> Plan:
        day = self.day.data or clock.today()
        start = datetime.combine(day, time.fromisoformat(str(self.start.data)), CHINA)
        return Plan(
            starts_at=start,
            ends_at=start + timedelta(minutes=int(self.minutes.data)),
            place_kind=PlaceKind(self.place_kind.data),
            place_text=str(self.place_text.data),
            escort_id=int(self.escort.data),
            member_ids=frozenset(self.members.data or ()),
            home_agreed=bool(self.home_agreed.data),
        )

    def carries_out(
        self, action: Callable[[], object], *, unless: Callable[[], bool] = lambda: False
    ) -> bool:
        """Act once; what rules say against the plan goes to the fields it is about.

        A time that was chosen from those offered only fills the form in: nothing else is lost.
        """
        if self._took_an_opening():
            return False
        refused: list[PlanRefused] = []

        def act() -> object:
            try:
                return action()
            except PlanRefused as refusal:
                refused.append(refusal)
                raise

        done = super().carries_out(act, unless=unless)
        for refusal in refused:
            self._place(refusal)
        return done

    def _took_an_opening(self) -> bool:
        try:
            chosen = datetime.fromisoformat(request.form.get("opening", ""))
        except ValueError:
            return False
        self.day.data, self.start.data = chosen.date(), f"{chosen:%H:%M}"
        self.day.raw_data = None
        return True

    def _place(self, refusal: PlanRefused) -> None:
        general = []
        for problem, reason in zip(refusal.problems, refusal.reasons, strict=True):
            if problem.why in FIELDS:
                field = self[FIELDS[problem.why]]
                field.errors = [*field.errors, reason]
            else:
                general.append(reason)
        self.form_errors = general


class MoveForm(PlanForm):
    """A plan in the place of another one, whose version it carries."""

    version = NumberField(_l("版本"), [NumberRange(1, 9999)])

    @classmethod
    def of_visit(cls, seen: Seen) -> "MoveForm":
        """Read what was sent; without anything sent, show the plan as it is."""
        visit, start = seen.visit, seen.visit.starts_at.astimezone(CHINA)
        return cls.of_request(
            day=start.date(),
            start=f"{start:%H:%M}",
            minutes=int((visit.ends_at - visit.starts_at).total_seconds() // 60),
            place_kind=visit.place_kind.value,
            place_text=visit.place_text,
            home_agreed=visit.guardian_agreed and visit.place_kind is PlaceKind.HOME,
            escort=seen.escort.person_id if seen.escort else None,
            members=[one.person_id for one in seen.members],
            version=visit.version,
        )

    def seen(self) -> int:
        return int(self.version.data or 0)


def _values(field: SelectField | Ticks) -> set[object]:
    return {one.value for one in field.choices or () if isinstance(one, SelectChoice)}


def times(first: time, last: time) -> list[str]:
    minutes = range(first.hour * 60 + first.minute, last.hour * 60 + last.minute, STEP)
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]


def lengths(shortest: timedelta, longest: timedelta) -> list[int]:
    least, most = (int(one.total_seconds() // 60) for one in (shortest, longest))
    return list(range(max(least, STEP), max(most, least) + 1, STEP))
