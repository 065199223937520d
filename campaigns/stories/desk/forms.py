"""What the author, the checkers and whoever names a child fill in."""

from collections.abc import Sequence
from typing import Self

import wtforms
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional, ValidationError

from campaigns.manage.forms import number
from campaigns.pictures.forms import PictureForm
from campaigns.signups.forms import plain
from campaigns.stories.desk.services import Checked, Drawing, Written
from campaigns.stories.labels import CHECKS, HIDING, PROOFS, cell_names
from campaigns.stories.naming.services import Yes
from campaigns.stories.rules import MOST_CHILDREN, Check, Hiding, boxes
from children.rules import ConsentProof
from core.forms import CodeField, Form, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from core.shrinking import Box

NOBODY, SOME = "nobody", "some"


class StoryForm(Form):
    text = TextAreaField(
        _l("故事"),
        [required(), up_to(500), plain],
        description=_l(
            "写志愿者做了什么、看到什么变化，每行一段。不写名字、学校、村庄、岁数和家里的事"
        ),
        render_kw={"rows": 6, "maxlength": 500},
    )
    text_en = TextAreaField(_l("英文"), [Optional(), up_to(1000), plain], render_kw={"rows": 5})
    about = RadioField(
        _l("写到孩子了吗"),
        [required(_l("请选一项"))],
        choices=[
            SelectChoice(NOBODY, _l("没有写到任何一个孩子，图上也没有孩子")),
            SelectChoice(SOME, _l("写到了，或者图上有（认不出也算）")),
        ],
        description=_l("没有名字、看不出是谁的也算写到：要孩子和监护人都同意才公开"),
    )
    children = IntegerField(
        _l("写到几个孩子"),
        [Optional(), NumberRange(1, MOST_CHILDREN, _l("请填 1 到 30 的整数"))],
        description=_l("没有写到就留空。未保专员会按代号登记，您看不到是谁"),
        render_kw={"inputmode": "numeric"},
    )
    version = HiddenField(default="0")

    def validate_about(self, field: wtforms.Field) -> None:
        if field.data == SOME and not self.children.data:
            raise ValidationError(_("请在下面写明几个孩子"))
        if field.data == NOBODY and self.children.data:
            raise ValidationError(_("选了没有写到孩子，下面的数目就留空"))

    def written(self) -> Written:
        texts = str(self.text.data), str(self.text_en.data or "")
        return Written(*texts, children=int(self.children.data or 0))

    def seen_version(self) -> int:
        return number(self.version.data)


class StoryPictureForm(PictureForm):
    """A picture with what is to be hidden in it; the original is not kept."""

    hiding = RadioField(
        _l("图上有脸吗"),
        [required(_l("请选一项"))],
        choices=[SelectChoice(one.value, name) for one, name in HIDING.items()],
    )
    cells = Ticks(
        _l("要打马赛克的格子"),
        [Optional()],
        description=_l(
            "图片分成 6 行 8 列，从左上角数起。脸碰到的每一格都选上；打上以后谁也还原不了"
        ),
    )
    shows_children = BooleanField(_l("图上有孩子（背影、手、打了马赛克的也算）"))
    unrecognisable = BooleanField(
        _l("我看过了：这样处理以后，认不出任何一个孩子，没有名字、校名和门牌"),
        [required(_l("认得出孩子的图片不能用"))],
    )

    @classmethod
    def of_request(cls, **defaults: object) -> Self:
        form = super().of_request(**defaults)
        form.cells.choices = [SelectChoice(*one) for one in cell_names()]
        return form

    def validate_hiding(self, field: wtforms.Field) -> None:
        if field.data == Hiding.MASKED and not self.cells.data:
            raise ValidationError(_("请选上脸碰到的每一格"))

    def hidden(self) -> Sequence[Box]:
        if self.hiding.data != Hiding.MASKED:
            return ()
        try:
            return boxes(self.cells.data or ())
        except ValueError as error:
            raise ValidationError(_("请从列表里选")) from error

    def drawing(self, uid: str) -> Drawing:
        return Drawing(
            uid=uid,
            sizes=[[one.width, one.height] for one in self.drawn],
            alt=str(self.alt.data),
            alt_en=str(self.alt_en.data or ""),
            hiding=Hiding(str(self.hiding.data)),
            shows_children=bool(self.shows_children.data),
        )


class CheckForm(Form):
    checks = Ticks(
        _l("审核要点"), choices=[SelectChoice(one.value, name) for one, name in CHECKS.items()]
    )
    impact = TextAreaField(
        _l("必要和影响"),
        [Optional(), up_to(300), plain],
        description=_l("复审写到孩子的故事时必填：有没有必要公开，对孩子会有什么影响。不公开"),
        render_kw={"rows": 3},
    )
    version = HiddenField(default="0")

    def validate_checks(self, field: wtforms.Field) -> None:
        if len(field.data or []) < len(Check):
            raise ValidationError(_("每一项都看过才能通过；有一项不对，请退回"))

    def checked(self) -> Checked:
        return Checked(
            tuple(self.checks.data or ()), str(self.impact.data or ""), number(self.version.data)
        )


class NoteForm(Form):
    note = StringField(
        _l("理由"),
        [required(), up_to(200), plain],
        description=_l("不写孩子的任何情况"),
    )
    version = HiddenField(default="0")

    def seen_version(self) -> int:
        return number(self.version.data)


class ChildForm(Form):
    code = CodeField(
        _l("孩子的代号"),
        [required(), up_to(20)],
        description=_l("例如“小禾12”。只有您负责的孩子才能登记"),
        render_kw={"autocomplete": "off"},
    )
    proof = RadioField(
        _l("孩子自己愿意吗"),
        [required(_l("请选一项"))],
        choices=[SelectChoice(one.value, name) for one, name in PROOFS.items()],
    )

    def yes(self) -> Yes:
        return Yes(str(self.code.data), ConsentProof(str(self.proof.data)))
