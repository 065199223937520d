"""What a coordinator fills in for a wish, and what a second person does with it."""

from typing import Any

from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from accounts.rules import Actor
from campaigns.manage.forms import number
from campaigns.signups.forms import plain
from campaigns.wishes.labels import AGES
from campaigns.wishes.making.queries import campaign_choices, centre_choices
from campaigns.wishes.making.services import Asked
from campaigns.wishes.models import Wish
from campaigns.wishes.rules import Ages
from core.forms import Form, SelectChoice, required, up_to
from core.i18n import lazy as _l

DEAREST = 10_000


class WishForm(Form):
    campaign = SelectField(_l("活动"), [required()])
    centre = SelectField(_l("送到哪个中心"), [required()])
    item = StringField(
        _l("物品"),
        [required(), up_to(60), plain],
        description=_l("只写东西，例如“冬天的棉鞋”。不写孩子、家庭、地方，不写钱和卡"),
        render_kw={"maxlength": 60},
    )
    item_en = StringField(_l("物品（英文）"), [Optional(), up_to(120), plain])
    size = StringField(
        _l("尺码或规格"),
        [Optional(), up_to(20), plain],
        description=_l("最好只用数字和字母，例如“130”“33”“4B”"),
        render_kw={"maxlength": 20},
    )
    ages = SelectField(
        _l("给多大的孩子"),
        [required()],
        choices=[SelectChoice(one.value, name) for one, name in AGES.items()],
    )
    estimate = IntegerField(
        _l("大约多少元"),
        [required(), NumberRange(1, DEAREST, _l("请填 1 到 10000 的整数"))],
        description=_l("只用来核对上限，不公开，也不收钱"),
        render_kw={"inputmode": "numeric"},
    )
    version = HiddenField(default="0")

    @classmethod
    def for_writer(cls, me: Actor, **defaults: Any) -> "WishForm":
        form = cls.of_request(**defaults)
        form.campaign.choices = [SelectChoice(*one) for one in campaign_choices(me)]
        form.centre.choices = [SelectChoice(*one) for one in centre_choices(me)]
        return form

    @classmethod
    def defaults_of(cls, wish: Wish) -> dict[str, Any]:
        return {
            "campaign": str(wish.campaign_id),
            "centre": str(wish.centre_id),
            "item": wish.item,
            "item_en": wish.item_en,
            "size": wish.size,
            "ages": wish.ages.value,
            "estimate": wish.estimate,
            "version": str(wish.version),
        }

    def asked(self) -> Asked:
        return Asked(
            campaign_id=number(self.campaign.data),
            centre_id=number(self.centre.data),
            item=str(self.item.data),
            item_en=str(self.item_en.data or ""),
            size=str(self.size.data or ""),
            ages=Ages(str(self.ages.data)),
            estimate=int(self.estimate.data or 0),
        )

    def seen_version(self) -> int:
        return number(self.version.data)


class SendBackForm(Form):
    note = StringField(
        _l("要改什么"),
        [required(), up_to(200), plain],
        description=_l("不写孩子的任何情况"),
    )
    version = HiddenField(default="0")

    def seen_version(self) -> int:
        return number(self.version.data)
