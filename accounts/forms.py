"""What people fill in to sign in and to look after their account."""

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, Length

from core.forms import CodeField, Form, required
from core.i18n import lazy as _l


class LoginField(CodeField):
    """A phone number or an e-mail address, whichever somebody signs in with."""


class SignInForm(Form):
    login = LoginField(
        _l("手机号或邮箱"),
        [required()],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        _l("密码"), [required()], render_kw={"autocomplete": "current-password"}
    )


class CodeForm(Form):
    login = LoginField(
        _l("手机号或邮箱"),
        [required()],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    code = CodeField(
        _l("登录码"),
        [required(), Length(8, 8, _l("登录码是 8 位数字"))],
        description=_l("县中心工作人员在电话里告诉您的 8 位数字，10 分钟内有效"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class PasswordForm(Form):
    current = PasswordField(
        _l("现在的密码"), [required()], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _l("新密码"),
        [required()],
        description=_l(
            "至少 15 位，开启了二次验证的至少 12 位。用几个不相干的词连起来，好记又难猜"
        ),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再输一遍"),
        [required(), EqualTo("password", _l("两次输入的密码不一样"))],
        render_kw={"autocomplete": "new-password"},
    )


class FindForm(Form):
    q = StringField(_l("姓名、手机号或邮箱"))
