"""The record of a visit, and sending it back."""

from typing import Any

from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from core.forms import Form, SelectChoice, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from visits.forms import NumberField, discreet
from visits.labels import MOODS, NEED_CHANGES
from visits.records.models import VisitRecord
from visits.records.queries import told
from visits.records.rules import Account
from visits.rules import Mood, NeedChange

YES, NO = "yes", "no"


class RecordForm(Form):
    follows = NumberField(_l("版本"), [NumberRange(0, 999)], default=0)
    child_present = RadioField(
        _l("孩子来了吗"),
        [required(_l("请选一项"))],
        choices=[SelectChoice(YES, _l("来了")), SelectChoice(NO, _l("没来"))],
    )
    mood = RadioField(
        _l("孩子说今天怎么样"),
        [Optional()],
        choices=[SelectChoice(mood.value, name) for mood, name in MOODS.items()],
        description=_l("让孩子自己指一张脸；不想选就不选"),
    )
    did = TextAreaField(
        _l("一起做了什么"),
        [required(), up_to(1000), discreet],
        description=_l("用代号称呼孩子；不写姓名、学校、住址和电话"),
        render_kw={"rows": 5},
    )
    need_change = RadioField(
        _l("孩子的需求有没有变化"),
        [Optional()],
        choices=[SelectChoice(change.value, name) for change, name in NEED_CHANGES.items()],
        default=NeedChange.NONE.value,
    )
    need_changes = StringField(
        _l("是哪一项需求，怎么变了"),
        [Optional(), up_to(300), discreet],
        description=_l("有变化才写；审核通过后告诉儿童主任和督导员"),
    )
    parcel = StringField(
        _l("带去的物品"),
        [Optional(), up_to(100), discreet],
        description=_l("由中心统一准备的才写；志愿者不私下送礼，不给钱，不私下联系"),
    )
    parcels = IntegerField(
        _l("一共几件"),
        [Optional(), NumberRange(1, 99, _l("请填 1 到 99 的整数"))],
        render_kw={"inputmode": "numeric"},
    )
    concern = RadioField(
        _l("有没有让您担心孩子安全的情况"),
        [required(_l("请选一项；拿不准就选“有”"))],
        choices=[SelectChoice(NO, _l("没有")), SelectChoice(YES, _l("有，需要有人跟进"))],
        description=_l("紧急情况先打 110，再写记录"),
    )

    @classmethod
    def after(cls, last: VisitRecord | None) -> "RecordForm":
        """Read what was sent; without anything sent, show the last record to be corrected."""
        if last is None:
            return cls.of_request(follows=0)
        return cls.of_request(follows=last.number, **filled(told(last)))

    def seen(self) -> int:
        return int(self.follows.data or 0)

    def account(self) -> Account:
        present = self.child_present.data == YES
        return Account(
            child_present=present,
            mood=Mood(self.mood.data) if present and self.mood.data else None,
            did=str(self.did.data),
            need_change=self._need_change(),
            need_changes=str(self.need_changes.data or ""),
            parcel=str(self.parcel.data or ""),
            parcels=self.parcels.data if self.parcel.data else None,
            concern=self.concern.data == YES,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        said = self.need_change.data not in {None, "", NeedChange.NONE.value}
        if said and not self.need_changes.data:
            self.need_changes.errors = [_("请写明是哪一项需求")]
            return False
        if self.parcels.data and not self.parcel.data:
            self.parcel.errors = [_("请写明是什么物品")]
            return False
        return fine

    def _need_change(self) -> NeedChange:
        """Return what has become of the needs; words without a choice are a change all the same."""
        chosen = NeedChange(self.need_change.data or NeedChange.NONE)
        silent = chosen is NeedChange.NONE and self.need_changes.data
        return NeedChange.CHANGED if silent else chosen


def filled(account: Account) -> dict[str, Any]:
    """Return what the fields of the form hold when it tells this account."""
    return {
        "child_present": YES if account.child_present else NO,
        "mood": account.mood.value if account.mood else None,
        "did": account.did,
        "need_change": account.need_change.value,
        "need_changes": account.need_changes,
        "parcel": account.parcel,
        "parcels": account.parcels,
        "concern": YES if account.concern else NO,
    }


class DecisionForm(Form):
    """Yes to the record with this number."""

    number = NumberField(_l("版本"), [NumberRange(1, 999)])

    def seen(self) -> int:
        return min(int(self.number.data or 0), 999)


class SendBackForm(DecisionForm):
    reason = StringField(
        _l("请领队补充什么"), [required(), up_to(200), discreet], description=_l("领队会收到通知")
    )
