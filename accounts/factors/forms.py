"""What people fill in to prove who they are."""

from wtforms import HiddenField, PasswordField
from wtforms.validators import Length

from core.forms import CodeField, Form, required
from core.i18n import lazy as _l

NUMBERS = {"autocomplete": "one-time-code", "inputmode": "numeric"}


class EnrolForm(Form):
    """The secret travels sealed: it is kept only once a code has shown that the app has it."""

    sealed = HiddenField()
    code = CodeField(
        _l("手机上显示的 6 位验证码"),
        [required(), Length(6, 6, _l("验证码是 6 位数字"))],
        render_kw=NUMBERS,
    )


class FactorForm(Form):
    code = CodeField(
        _l("验证码"),
        [required(), Length(max=40)],
        description=_l("手机验证器上的 6 位数字；手机不在身边时，填一个恢复码"),
        render_kw={"autocomplete": "one-time-code"},
    )


class PasswordAgainForm(Form):
    password = PasswordField(
        _l("密码"), [required()], render_kw={"autocomplete": "current-password"}
    )
