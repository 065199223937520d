"""What somebody types to be reached by another way."""

from wtforms import StringField
from wtforms.validators import Length

from core.forms import CodeField, Form, PhoneField, required
from core.i18n import lazy as _l


class PhoneForm(Form):
    address = PhoneField(
        _l("手机号"), [required()], render_kw={"autocomplete": "tel", "inputmode": "tel"}
    )


class NameForm(Form):
    address = StringField(
        _l("企业微信里的账号"),
        [required()],
        description=_l("通讯录里的“账号”，不是姓名；不知道的，问本单位的企业微信管理员"),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class ProofForm(Form):
    code = CodeField(
        _l("验证码"),
        [required(), Length(6, 6, _l("验证码是 6 位数字"))],
        description=_l("刚发过去的 6 位数字，10 分钟内有效"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
