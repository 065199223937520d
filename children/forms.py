"""What is filled in about a child. No field asks for a name, a number, a school or an address."""

from collections.abc import Iterable

import wtforms
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from children.labels import AGES, CATEGORIES, FINDINGS, NEEDS, RISKS, SEXES
from children.models import Child
from children.rules import (
    CELLS,
    AgeBand,
    Category,
    Facts,
    Need,
    Risk,
    Stretch,
    identifying,
    is_alias,
    merged,
    ticked,
)
from children.services import Report
from core.forms import CodeField, Form, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l

PART_NAMES = (_l("上午"), _l("下午"), _l("傍晚"))


def says_nothing_identifying(_form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
    """Refuse a text that could tell who a child is (ux.md, line 7 of what users expect)."""
    found = identifying(str(field.data or ""))
    if found:
        raise ValidationError(_("；").join(str(FINDINGS[finding]) for finding in found))


class FileForm(Form):
    """The facts of a file, for a new one and for one that is brought up to date."""

    sex = RadioField(
        _l("性别"),
        [required(_l("请选择"))],
        choices=[SelectChoice("girl", SEXES[True]), SelectChoice("boy", SEXES[False])],
        description=_l("只用来保证女孩身边总有一位女性，志愿者不会因此看到更多"),
    )
    age_band = SelectField(
        _l("年龄段"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(band.value, name) for band, name in AGES.items()),
        ],
    )
    category = SelectField(
        _l("类别"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(kind.value, name) for kind, name in CATEGORIES.items()),
        ],
        description=_l("只有儿童主任、督导员和县中心看得到"),
    )
    risk = RadioField(
        _l("风险等级"),
        [required(_l("请选择"))],
        choices=[SelectChoice(risk.value, name) for risk, name in RISKS.items()],
        description=_l("按最近一次走访评估填写；高风险的结对由未保专员审批"),
    )
    boarding = BooleanField(_l("平时住校，周末或放假才回家"))
    needs = Ticks(
        _l("需要什么"),
        [required(_l("至少选一项"))],
        choices=[SelectChoice(need.value, name) for need, name in NEEDS.items()],
    )
    interests = StringField(
        _l("喜欢什么"),
        [Optional(), up_to(100), says_nothing_identifying],
        description=_l("如：画画、踢球、听故事。结对后志愿者会看到"),
    )
    care_hint = StringField(
        _l("见面时要注意的"),
        [Optional(), up_to(100), says_nothing_identifying],
        description=_l("如：不吃花生、不要问起爸爸。不写病名和家里的原因。结对后志愿者会看到"),
    )
    free = Ticks(
        _l("每周什么时候方便见面"),
        [required(_l("至少选一段时间"))],
        choices=[SelectChoice(str(index), str(index)) for index in range(len(CELLS))],
        description=_l(
            "问过孩子和照料人再填，上课的时间不选。"
            "上午 9:00–12:00，下午 13:30–16:30，傍晚 16:30–18:00"
        ),
    )

    def facts(self, times: Iterable[Stretch] = ()) -> Facts:
        """Return what was filled in; `times` are those of the file so far."""
        return Facts(
            girl=self.sex.data == "girl",
            age_band=AgeBand(self.age_band.data),
            category=Category(self.category.data),
            risk=Risk(self.risk.data),
            boarding=bool(self.boarding.data),
            needs=tuple(need for need in Need if need.value in (self.needs.data or ())),
            interests=str(self.interests.data or ""),
            care_hint=str(self.care_hint.data or ""),
            free=merged({int(index) for index in self.free.data or ()}, times),
        )


class NewFileForm(FileForm):
    village = SelectField(_l("所在村"), [required(_l("请选择"))], choices=[])
    alias = CodeField(
        _l("代号"),
        [required()],
        description=_l("“小”加一个自然里的字和两位数字，如 小禾07。不用真名、小名，全县不重复"),
    )

    def validate_alias(self, field: wtforms.Field) -> None:
        if not is_alias(str(field.data or "")):
            raise ValidationError(
                _("代号要像 小禾07 这样；不认识的字请换一个，可以直接用建议的代号")
            )

    def report(self) -> Report:
        return Report(int(self.village.data), str(self.alias.data), self.facts())


class EditForm(FileForm):
    version = HiddenField()


class SendBackForm(Form):
    version = HiddenField()
    note = TextAreaField(
        _l("请村里补充或改正什么"),
        [required(), up_to(200), says_nothing_identifying],
        render_kw={"rows": 3},
    )


class CloseForm(Form):
    version = HiddenField()
    reason = StringField(_l("为什么撤销"), [required(), up_to(200), says_nothing_identifying])


def defaults_of(child: Child, free: Iterable[Stretch]) -> dict[str, object]:
    """Return a file as its form shows it."""
    return {
        "sex": "girl" if child.girl else "boy",
        "age_band": child.age_band.value,
        "category": child.category.value,
        "risk": child.risk.value,
        "boarding": child.boarding,
        "needs": child.needs,
        "interests": child.interests,
        "care_hint": child.care_hint,
        "free": [str(index) for index in ticked(free)],
        "version": str(child.version),
    }


def version_of(text: str | None) -> int:
    """Return the version a page was made from; one nobody sent matches no file."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
