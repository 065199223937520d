"""What volunteers fill in about themselves, and what is given as a reason."""

import re
from collections.abc import Iterable
from typing import Any

import wtforms
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import Optional, Regexp, ValidationError

from core import clock
from core.forms import CodeField, Form, SelectChoice, Ticks, narrow, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import value_on
from volunteers.labels import SEXES, SKILLS, WEEKDAYS
from volunteers.models import FreeTime, Volunteer
from volunteers.profile.services import Profile
from volunteers.rules import Period, Sex, Slot, of_age

IDENTITY_NUMBER = re.compile(r"\d{17}[\dXx]")
PARTS = (
    (9 * 60, 12 * 60, _l("上午")),
    (14 * 60, 16 * 60 + 30, _l("下午")),
    (16 * 60 + 30, 18 * 60, _l("傍晚")),
)
"""The parts of a day children are free in, too: from 16:30 on those are home who go to school."""


def no_identity_number(form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
    """Refuse what looks like an identity number: none is kept here, or shown again."""
    if IDENTITY_NUMBER.search(narrow(str(field.data or ""))):
        field.data = ""
        raise ValidationError(_("请不要填写身份证号码"))


class ReasonForm(Form):
    reason = StringField(_l("理由"), [required(), up_to(200), no_identity_number])


class PledgeForm(Form):
    agreed = BooleanField(_l("我已读完，愿意遵守以上每一条"), [required(_l("请先读完再勾选"))])


class Week(Ticks):
    """Parts of the days of a week, each as `weekday-start-end` in minutes."""

    def __init__(self, label: str, **given: Any) -> None:
        choices = [
            SelectChoice(f"{weekday}-{start}-{end}", part)
            for weekday in range(7)
            for start, end, part in PARTS
        ]
        hint = _l("上午 9:00–12:00，下午 14:00–16:30，傍晚 16:30–18:00")
        super().__init__(label, choices=choices, description=hint, **given)

    def days(self) -> list[tuple[str, list[Any]]]:
        """Return each day with its boxes."""
        boxes, many = list(self), len(PARTS)
        return [
            (day, boxes[weekday * many : (weekday + 1) * many])
            for weekday, day in enumerate(WEEKDAYS)
        ]


class ProfileForm(Form):
    """The organisations to choose from are filled by the view."""

    sex = RadioField(
        _l("性别"),
        [required()],
        choices=[SelectChoice(sex.value, name) for sex, name in SEXES.items()],
        description=_l("看望女孩的小组里至少要有一名女性，所以需要知道"),
    )
    birth_year = CodeField(
        _l("出生年份"),
        [required(), Regexp(r"(19|20)\d\d\Z", re.ASCII, _l("请填四位年份，例如 2004"))],
        render_kw={"inputmode": "numeric", "autocomplete": "bday-year"},
    )
    org = SelectField(_l("学校或组织"), [Optional()])
    org_text = StringField(
        _l("列表里没有的，请写在这里"), [Optional(), up_to(80), no_identity_number]
    )
    skills = Ticks(
        _l("您能做什么"),
        choices=[SelectChoice(skill.value, name) for skill, name in SKILLS.items()],
    )
    term = Week(_l("学期中，每周什么时候有空"))
    holidays = Week(_l("寒暑假，每周什么时候有空"))
    capacity = RadioField(
        _l("最多陪伴几个孩子"),
        [required()],
        choices=[SelectChoice("1", _l("一个")), SelectChoice("2", _l("两个"))],
    )
    wants_team = BooleanField(_l("已有小组，还愿意再加入一个"))

    @classmethod
    def about(cls, volunteer: Volunteer, free: Iterable[FreeTime]) -> "ProfileForm":
        """Read what was sent, or show what is known of the volunteer."""
        rows = list(free)
        return cls.of_request(
            sex=volunteer.sex.value if volunteer.sex else None,
            birth_year=str(volunteer.birth_year or ""),
            org=str(volunteer.org_id or ""),
            org_text=volunteer.org_text,
            skills=volunteer.skills,
            term=_checked(rows, Period.TERM),
            holidays=_checked(rows, Period.BREAK),
            capacity=str(volunteer.capacity),
            wants_team=volunteer.wants_team,
        )

    def lock(self) -> None:
        """Leave out what an identity check has fixed."""
        del self.sex
        del self.birth_year

    @property
    def locked(self) -> bool:
        return "sex" not in self

    def validate_birth_year(self, field: wtforms.Field) -> None:
        if field.errors:
            return
        today, year = clock.today(), int(field.data)
        least = value_on("volunteers.least_age", today)
        if year > today.year or not of_age(year, today, least):
            raise ValidationError(_("结对志愿者须年满 %(least)d 周岁", least=least))

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        if not (self.term.data or self.holidays.data):
            self.term.errors = [*self.term.errors, _("请至少选一个有空的时间")]
            fine = False
        return fine

    def profile(self) -> Profile:
        term, holidays = set(self.term.data or ()), set(self.holidays.data or ())
        periods = (
            (Period.ALWAYS, term & holidays),
            (Period.TERM, term - holidays),
            (Period.BREAK, holidays - term),
        )
        org = str(self.org.data or "")
        return Profile(
            sex=None if self.locked else Sex(self.sex.data),
            birth_year=None if self.locked else int(self.birth_year.data or 0),
            skills=tuple(self.skills.data or ()),
            capacity=int(self.capacity.data),
            wants_team=bool(self.wants_team.data),
            free=tuple(
                (period, Slot(*map(int, part.split("-"))))
                for period, parts in periods
                for part in sorted(parts)
            ),
            org_id=int(org) if org else None,
            org_text="" if org else str(self.org_text.data or ""),
        )


def _checked(rows: Iterable[FreeTime], period: Period) -> list[str]:
    """Return the parts of days that lie within what is stored for a period."""
    slots = [
        Slot(row.weekday, row.start_minute, row.end_minute)
        for row in rows
        if row.period in {Period.ALWAYS, period}
    ]
    return [
        f"{weekday}-{start}-{end}"
        for weekday in range(7)
        for start, end, _part in PARTS
        if any(slot.minutes_shared(Slot(weekday, start, end)) == end - start for slot in slots)
    ]
