"""The record of a visit, and sending it back."""

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from core.forms import Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from visits.forms import NumberField, discreet
from visits.labels import MOODS
from visits.records.models import VisitRecord
from visits.records.services import Account
from visits.rules import Mood

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
    need_changes = StringField(_l("需求有没有变化"), [Optional(), up_to(300), discreet])
    parcel = StringField(
        _l("带去的物品"),
        [Optional(), up_to(100), discreet],
        description=_l("由中心统一准备的才写；志愿者不私下送礼"),
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
        return cls.of_request(
            follows=last.number,
            child_present=YES if last.child_present else NO,
            mood=last.mood.value if last.mood else None,
            did=last.did,
            need_changes=last.need_changes,
            parcel=last.parcel,
            concern=YES if last.concern else NO,
        )

    def seen(self) -> int:
        return int(self.follows.data or 0)

    def account(self) -> Account:
        present = self.child_present.data == YES
        return Account(
            child_present=present,
            mood=Mood(self.mood.data) if present and self.mood.data else None,
            did=str(self.did.data),
            need_changes=str(self.need_changes.data or ""),
            parcel=str(self.parcel.data or ""),
            concern=self.concern.data == YES,
        )


class DecisionForm(Form):
    """Yes to the record with this number."""

    number = NumberField(_l("版本"), [NumberRange(1, 999)])

    def seen(self) -> int:
        return min(int(self.number.data or 0), 999)


class SendBackForm(DecisionForm):
    reason = StringField(
        _l("请领队补充什么"), [required(), up_to(200), discreet], description=_l("领队会收到通知")
    )
