"""What an administrator types of a vendor's account; none of it is ever shown again."""

from typing import Self

from wtforms import PasswordField, TextAreaField
from wtforms.validators import Optional

from core.forms import Form, up_to
from core.i18n import lazy as _l
from messages.channels.labels import NAMES, name_of
from messages.channels.needs import NEEDS
from messages.rules import Channel


def _secret(name: str) -> PasswordField:
    typed = {"autocomplete": "off", "spellcheck": "false"}
    return PasswordField(NAMES[name], [Optional(), up_to(200)], render_kw=typed)


class SecretsForm(Form):
    """Every field of every vendor; `of_channel` leaves the vendor's own."""

    corp_id = _secret("corp_id")
    app_id = _secret("app_id")
    token = _secret("token")
    key_id = _secret("key_id")
    key_secret = _secret("key_secret")
    agent_id = _secret("agent_id")
    template_id = _secret("template_id")
    sign_name = _secret("sign_name")
    templates = TextAreaField(
        NAMES["templates"],
        [Optional(), up_to(2000)],
        description=_l(
            "一行一种消息，例如 visit_t2d = SMS_1234 time:when code:number。冒号前是模板里的变量，"
            "后面是 when（时间）、number（编号）、link（链接）、code（验证码）；"
            "星号代表其余各种消息"
        ),
        render_kw={"rows": 4, "spellcheck": "false", "autocomplete": "off"},
    )

    @classmethod
    def of_channel(cls, channel: Channel) -> Self:
        form = cls.of_request()
        for name in NAMES:
            if name not in NEEDS[channel]:
                del form[name]
            else:
                form[name].label.text = name_of(channel, name)
        return form

    def told(self) -> dict[str, str]:
        """Return what was typed, with what was left empty left out."""
        typed = {name: self[name].data for name in NAMES if name in self}
        return {name: str(text).strip() for name, text in typed.items() if text}
