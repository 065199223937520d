"""What somebody who signs up fills in: three fields and a tick."""

import unicodedata

import wtforms
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import (
    InputRequired,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from campaigns.seats.rules import LONGEST_PARTY, Seats
from campaigns.signups.rules import email_of, is_name, phone_of
from campaigns.signups.services import Wish
from core.forms import CodeField, Form, required, up_to
from core.i18n import _, locale
from core.i18n import lazy as _l


class ContactField(CodeField):
    """A mainland mobile number or an e-mail address, whichever is given."""

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if self.data:
            self.data = a_contact(self.data)


def a_contact(text: str) -> str:
    """Return a phone number or an address as it is kept. Raises StopValidation."""
    return _email(text) if "@" in text else _phone(text)


def _phone(text: str) -> str:
    found = phone_of(text)
    if found is None:
        raise StopValidation(_("请填 11 位手机号，或者完整的邮箱地址"))
    return found


def _email(text: str) -> str:
    if not text.isascii():
        raise StopValidation(_("暂时不能用带中文或特殊字母的邮箱，请换一个，或者填手机号"))
    found = email_of(text)
    if found is None:
        raise StopValidation(_("邮箱地址不完整，例如 name@example.org"))
    return found


def plain(form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
    """Refuse pictures and signs that no name is written with."""
    if any(unicodedata.category(sign) in {"So", "Sk", "Co", "Cn"} for sign in field.data or ""):
        raise ValidationError(_("请只用文字，不要用表情或图形符号"))


def a_name(form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
    """Accept 2 to 40 letters of any script, with the dots and spaces that names have."""
    if not is_name(field.data or ""):
        raise ValidationError(_("请填真实姓名，2 到 40 个字，不要用数字和符号"))


class StrangerForm(Form):
    """How somebody without an account says who they are."""

    name = StringField(
        _l("姓名"),
        [required(_l("请填姓名")), plain, a_name],
        render_kw={"autocomplete": "name", "maxlength": 40},
    )
    contact = ContactField(
        _l("手机号或邮箱"),
        [required(_l("请填手机号或邮箱，只用来联系您"))],
        description=_l("填邮箱可以马上自己确认；填手机号，县中心会打电话给您"),
        render_kw={"autocomplete": "email", "inputmode": "email", "maxlength": 120},
    )


class AgainForm(Form):
    """What is asked of everybody: with how many one comes, where that may be more than one."""

    party = IntegerField(
        _l("一共几个人来"),
        [Optional(), NumberRange(1, LONGEST_PARTY, _l("请填 1 到 10 的整数"))],
        default=1,
        render_kw={"inputmode": "numeric"},
    )
    queue = BooleanField(
        _l("没有名额时，愿意排队等候"), description=_l("轮到您时会通知您，先排的先得")
    )

    def fit(self, seats: Seats) -> None:
        """Ask with how many one comes only where that may be more than one."""
        if seats.most_party == 1:
            del self.party

    @property
    def size(self) -> int:
        return int(self["party"].data or 1) if "party" in self else 1

    @property
    def queues(self) -> bool:
        return bool(self.queue.data)


class SeatForm(StrangerForm, AgainForm):
    agree = BooleanField(
        _l("我已读过风险告知，年满 18 岁，同意中心为志愿服务做入职查询"),
        [InputRequired(_l("三项都要同意才能报名"))],
    )

    def wish_from(self, org_text: str, source: str = "") -> Wish:
        """Return what somebody of that organisation wishes, who came by a place's code."""
        return Wish(
            name=str(self.name.data),
            contact=str(self.contact.data),
            org_text=org_text,
            language=locale(),
            party=self.size,
            queue=self.queues,
            source=source,
        )


class JoinForm(SeatForm):
    org = StringField(
        _l("学校或单位"),
        [required(_l("请填学校或单位，没有的填“个人”")), up_to(80), plain],
        render_kw={"autocomplete": "organization", "maxlength": 80},
    )

    def wish(self, source: str = "") -> Wish:
        return self.wish_from(str(self.org.data), source)
