"""What somebody who grants a wish fills in: a name, a contact and a tick."""

from wtforms import BooleanField
from wtforms.validators import InputRequired

from campaigns.signups.forms import StrangerForm
from campaigns.wishes.services import Donor
from core.i18n import lazy as _l
from core.i18n import locale


class ClaimForm(StrangerForm):
    agree = BooleanField(
        _l("我只送写明的东西，全新；里面不放钱、卡券、信、照片，也不留自己的地址"),
        [InputRequired(_l("请看清楚再勾选"))],
    )

    def donor(self) -> Donor:
        return Donor(str(self.name.data), str(self.contact.data), locale())
