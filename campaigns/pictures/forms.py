"""What an editor says about a picture, and the picture itself."""

from collections.abc import Sequence

import wtforms
from wtforms import BooleanField, FileField, StringField
from wtforms.validators import Optional, ValidationError

from campaigns.pictures.services import Picture
from campaigns.signups.forms import plain
from core import pictures
from core.errors import RuleBroken
from core.forms import Form, required, up_to
from core.i18n import lazy as _l
from core.pictures import Drawn
from core.shrinking import Box


class PictureForm(Form):
    picture = FileField(
        _l("图片"),
        [required(_l("请选一张图片"))],
        description=_l("JPEG、PNG 或 WebP，最多 10 MB；拍摄地点等信息会自动去掉"),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    alt = StringField(
        _l("图片说明"),
        [required(), up_to(120), plain],
        description=_l("读给看不见图片的人听：图上有什么。不写任何人的名字"),
    )
    alt_en = StringField(_l("英文说明"), [Optional(), up_to(200), plain])
    unrecognisable = BooleanField(
        _l("我看过了：图上认不出任何一个孩子，没有脸、名字、校名和门牌"),
        [required(_l("认得出孩子的图片不能用"))],
    )

    drawn: list[Drawn]

    def validate_picture(self, field: wtforms.Field) -> None:
        """Draw the picture anew: here, before the deed, since it takes longer than a lock may."""
        try:
            self.drawn = pictures.drawn_anew(field.data.read(), self.hidden())
        except RuleBroken as refusal:
            raise ValidationError(*refusal.reasons) from refusal
        finally:
            field.data.seek(0)

    def hidden(self) -> Sequence[Box]:
        """Return what of the picture is to be gone before anything is kept: here nothing."""
        return ()

    def as_picture(self) -> Picture:
        return Picture(self.drawn, str(self.alt.data), str(self.alt_en.data or ""))
