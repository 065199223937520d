"""What administrators fill in."""

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Optional, Regexp

from accounts.admin.services import NewValue, Seat
from accounts.labels import ROLES
from accounts.rules import Role
from accounts.services import NewPerson
from core import clock
from core.forms import CodeField, DateField, Form, PhoneField, SelectChoice, required, up_to
from core.i18n import lazy as _l

EMAIL = r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}\Z"


class RoleForm(Form):
    """A role, and where it holds; the organisations to choose from are filled by the view."""

    role = SelectField(
        _l("角色"),
        [required()],
        choices=[SelectChoice(role.value, name) for role, name in ROLES.items()],
    )
    area = StringField(
        _l("负责的地区"),
        [Optional(), up_to(60)],
        description=_l(
            "从大到小写名字，用空格分开，如：榆次区 乌金山镇 流村。"
            "儿童主任到村，督导员到乡镇，县级协调员到县"
        ),
    )
    org = SelectField(_l("所属组织"), [Optional()], description=_l("只有组织负责人需要选"))
    reason = StringField(_l("理由"), [required(), up_to(200)])

    def seat(self) -> Seat:
        org = str(self.org.data or "")
        return Seat(Role(self.role.data), str(self.area.data or ""), int(org) if org else None)


class StaffForm(RoleForm):
    name = StringField(_l("姓名"), [required(), up_to(20)])
    phone = PhoneField(_l("手机号"), [Optional()], render_kw={"inputmode": "tel"})
    email = CodeField(
        _l("邮箱"),
        [Optional(), Regexp(EMAIL, message=_l("请填完整的邮箱地址"))],
        render_kw={"inputmode": "email"},
    )

    def new_person(self) -> NewPerson:
        return NewPerson(str(self.name.data), self.phone.data or None, self.email.data or None)


class ReasonForm(Form):
    reason = StringField(_l("理由"), [required(), up_to(200)])


class ParameterForm(Form):
    text = TextAreaField(_l("新的值"), [required(), up_to(2000)])
    effective_from = DateField(_l("从哪天起"), [required()], default=clock.today)
    source = StringField(
        _l("依据"), [required(), up_to(300)], description=_l("文件名、文号或会议，便于日后查对")
    )

    def new_value(self, name: str) -> NewValue:
        day = self.effective_from.data or clock.today()
        return NewValue(name, str(self.text.data), day, str(self.source.data))
