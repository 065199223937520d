"""What an organisation tells of itself, and what is entered about it."""

from typing import Self

import wtforms
from wtforms import HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from core.forms import CodeField, DateField, Form, PhoneField, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from places.rules import OrgKind
from volunteers.orgs.labels import CHECKS, ENDS, KINDS
from volunteers.orgs.rules import NEXT, Check, State, is_credit_code
from volunteers.orgs.services import Application


class ApplicationForm(Form):
    kind = RadioField(
        _l("你们是"),
        [required(_l("请选择"))],
        choices=[SelectChoice(one.value, name) for one, name in KINDS.items()],
    )
    county = SelectField(_l("和哪个县（区、市）的中心合作"), [required()])
    name = StringField(
        _l("单位名称"),
        [required(), up_to(80)],
        description=_l("社会组织写登记证书上的全称；高校团队写“学校 + 团队名”"),
    )
    credit_code = CodeField(
        _l("统一社会信用代码"),
        [Optional()],
        description=_l("社会组织必填，18 位；高校团队可以不填"),
        render_kw={"autocapitalize": "characters", "maxlength": 18},
    )
    contact_name = StringField(_l("联系人"), [required(), up_to(40)])
    contact_phone = PhoneField(_l("联系人手机"), [required()], render_kw={"inputmode": "tel"})
    lead_name = StringField(
        _l("未成年人保护负责人"),
        [required(), up_to(40)],
        description=_l("出了事由谁报告、由谁负责。可以就是联系人"),
    )
    lead_phone = PhoneField(_l("负责人手机"), [required()], render_kw={"inputmode": "tel"})

    def validate_kind(self, field: wtforms.Field) -> None:
        code = str(self.credit_code.data or "").upper()
        self.credit_code.data = code
        if field.data == OrgKind.SOCIAL_ORG and not code:
            raise ValidationError(_("社会组织要填统一社会信用代码"))

    def validate_credit_code(self, field: wtforms.Field) -> None:
        if field.data and not is_credit_code(str(field.data).upper()):
            raise ValidationError(_("代码不对：18 位，最后一位是校验码，请对照证书再看一遍"))

    def told(self) -> Application:
        return Application(
            kind=OrgKind(str(self.kind.data)),
            name=str(self.name.data),
            credit_code=str(self.credit_code.data or "").upper() or None,
            contact_name=str(self.contact_name.data),
            contact_phone=str(self.contact_phone.data),
            lead_name=str(self.lead_name.data),
            lead_phone=str(self.lead_phone.data),
        )


class _Versioned(Form):
    version = HiddenField(default="0")

    def seen(self) -> int:
        given = str(self.version.data or "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


class VerifyForm(_Versioned):
    checks = Ticks(
        _l("核验要点"), choices=[SelectChoice(one.value, name) for one, name in CHECKS.items()]
    )

    def validate_checks(self, field: wtforms.Field) -> None:
        if len(field.data or []) < len(Check):
            raise ValidationError(_("每一项都核对过才能通过"))


class AgreementForm(_Versioned):
    reference = StringField(_l("协议编号"), [required(), up_to(60)])
    until = DateField(_l("协议到哪天为止"), [required()])


class EndForm(_Versioned):
    to = RadioField(_l("怎么办"), [required(_l("请选择"))])
    note = StringField(_l("理由"), [required(), up_to(200)])

    @classmethod
    def for_state(cls, state: State, **given: object) -> Self:
        """Offer what may follow on a state; read what was sent unless values are given."""
        form = cls(**given) if given else cls.of_request()
        form.to.choices = [
            SelectChoice(one.value, name) for one, name in ENDS.items() if one in NEXT[state]
        ]
        return form

    def told(self) -> tuple[State, str]:
        return State(str(self.to.data)), str(self.note.data)
