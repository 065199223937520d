"""What somebody who grants a wish fills in: a name, a contact and a tick."""

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from campaigns.signups.forms import ContactField, a_name, plain
from campaigns.wishes.services import Donor
from core.forms import Form, required
from core.i18n import lazy as _l
from core.i18n import locale


class ClaimForm(Form):
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
    agree = BooleanField(
        _l("我只送写明的东西，全新；里面不放钱、卡券、信、照片，也不留自己的地址"),
        [InputRequired(_l("请看清楚再勾选"))],
    )

    def donor(self) -> Donor:
        return Donor(str(self.name.data), str(self.contact.data), locale())
