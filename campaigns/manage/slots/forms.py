"""What an editor fills in to open places, for one day or for a season."""

from datetime import time
from typing import Any

import wtforms
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.validators import NumberRange, Optional, ValidationError

from campaigns.labels import SLOT_KINDS
from campaigns.manage.forms import not_before
from campaigns.manage.slots.labels import AGAIN, ROLES, TIMINGS
from campaigns.manage.slots.rules import Again, Asked, Opening, What, When
from campaigns.models import Slot
from campaigns.rules import SlotKind, SlotRole, Timing
from campaigns.seats.rules import LONGEST_PARTY
from campaigns.signups.forms import plain
from core.forms import DateField, Form, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l

WHOLE = {"inputmode": "numeric"}
MIDNIGHT = 1440


def a_number(label: str, least: int, most: int, message: str, *, hint: str = "") -> IntegerField:
    return IntegerField(
        label,
        [required(), NumberRange(least, most, message)],
        description=hint,
        render_kw=WHOLE,
        default=least,
    )


class PlacesForm(Form):
    """How many places there are: all that changes while people join."""

    capacity = a_number(_l("每县名额"), 1, 5000, _l("请填 1 到 5000 的整数"))
    least = a_number(
        _l("至少要有几人"), 0, 5000, _l("请填 0 到名额数的整数"), hint=_l("人数不够时会提醒您")
    )

    def within_capacity(self, field: wtforms.Field) -> None:
        if field.data and self.capacity.data and field.data > self.capacity.data:
            raise ValidationError(_("不能多于名额数"))

    validate_least = within_capacity


class SlotForm(PlacesForm):
    """How many places there are, when, and for whom."""

    starts_on = DateField(_l("开始日期"), [required()])
    ends_on = DateField(
        _l("结束日期"), [required(), not_before("starts_on", _l("结束日期不能早于开始日期"))]
    )
    from_time = TimeField(_l("几点开始"), [Optional()], format="%H:%M")
    until_time = TimeField(_l("几点结束"), [Optional()], format="%H:%M")
    place = StringField(
        _l("地点"),
        [Optional(), up_to(60), plain],
        description=_l("工作站、图书室、儿童之家；不写任何人的家"),
    )
    role = SelectField(
        _l("做什么"), choices=[SelectChoice(one.value, name) for one, name in ROLES.items()]
    )
    with_children = BooleanField(_l("要和孩子在一起"), default=True)
    trained = BooleanField(_l("要完成培训"), default=True)
    screened = BooleanField(_l("要通过入职查询"), default=True)
    least_women = a_number(_l("留给女志愿者"), 0, 5000, _l("请填 0 到名额数的整数"))
    least_experienced = a_number(_l("留给参加过的人"), 0, 5000, _l("请填 0 到名额数的整数"))
    most_party = a_number(
        _l("一次报名最多几人"),
        1,
        LONGEST_PARTY,
        _l("请填 1 到 10 的整数"),
        hint=_l("和孩子在一起的，每个人都要自己报名"),
    )
    changeover = a_number(_l("前后要留几分钟路上的时间"), 0, 600, _l("请填 0 到 600 的整数"))

    @classmethod
    def defaults_of(cls, slot: Slot) -> dict[str, object]:
        """Return what the form shows of a slot there is."""
        names = (
            "starts_on", "ends_on", "capacity", "least", "place", "with_children", "trained",
            "screened", "least_women", "least_experienced", "most_party", "changeover",
        )  # fmt: skip
        shown = {name: getattr(slot, name) for name in names} | {"role": slot.role.value}
        if slot.until_minute - slot.from_minute < MIDNIGHT:
            shown["from_time"], shown["until_time"] = (
                time(*divmod(minute, 60)) if minute < MIDNIGHT else None
                for minute in (slot.from_minute, slot.until_minute)
            )
        return shown

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        told = self.hours_amiss()
        if told and not self.until_time.errors:
            self.until_time.errors = [told]
        return fine and not told

    def hours_amiss(self) -> str:
        """Return what is wrong with the hours, which may both be left empty."""
        begin, end = self.from_time.data, self.until_time.data
        if (begin is None) != (end is None):
            return _("开始和结束的钟点要么都填，要么都不填")
        return _("结束要晚于开始") if begin and end and end <= begin else ""

    def validate_most_party(self, field: wtforms.Field) -> None:
        if self.with_children.data and field.data and field.data > 1:
            raise ValidationError(_("和孩子在一起的，一次只能报一个人"))

    validate_least_women = validate_least_experienced = PlacesForm.within_capacity

    def when(self) -> When:
        begin, end = self.from_time.data, self.until_time.data
        return When(
            self.starts_on.data,  # type: ignore[arg-type]  # required
            self.ends_on.data,  # type: ignore[arg-type]  # required
            begin.hour * 60 + begin.minute if begin else 0,
            end.hour * 60 + end.minute if end else MIDNIGHT,
        )

    def asked(self) -> Asked:
        return Asked(
            capacity=int(self.capacity.data or 0),
            least=int(self.least.data or 0),
            role=SlotRole(str(self.role.data)),
            place=str(self.place.data or ""),
            with_children=bool(self.with_children.data),
            trained=bool(self.trained.data),
            screened=bool(self.screened.data),
            least_women=int(self.least_women.data or 0),
            least_experienced=int(self.least_experienced.data or 0),
            most_party=int(self.most_party.data or 1),
            changeover=int(self.changeover.data or 0),
        )


class NewSlotsForm(SlotForm):
    counties = Ticks(_l("在哪些县（区、市）"), [required(_l("至少选一个县"))])
    kind = RadioField(
        _l("内容"),
        [required()],
        choices=[SelectChoice(kind.value, name) for kind, name in SLOT_KINDS.items()],
    )
    timing = RadioField(
        _l("时间怎么定"),
        choices=[SelectChoice(one.value, name) for one, name in TIMINGS.items()],
        default=Timing.WINDOW.value,
    )
    title = StringField(
        _l("活动叫什么"),
        [Optional(), up_to(40), plain],
        description=_l("例如“一起包饺子”；不填就用上面的内容作名字"),
    )
    title_en = StringField(_l("英文名称"), [Optional(), up_to(80), plain])
    again = SelectField(
        _l("多久一次"),
        choices=[SelectChoice(one.value, name) for one, name in AGAIN.items()],
        default=Again.ONCE.value,
        description=_l("从开始日期起，一直到活动的走访结束，一次全部开好"),
    )

    def hours_amiss(self) -> str:
        if self.timing.data == Timing.FIXED and self.from_time.data is None:
            return _("请填钟点")
        return super().hours_amiss()

    def places(self) -> Opening:
        what = What(
            SlotKind(str(self.kind.data)),
            Timing(str(self.timing.data)),
            str(self.title.data or ""),
            str(self.title_en.data or ""),
        )
        return Opening(what, self.when(), self.asked(), Again(str(self.again.data)))
