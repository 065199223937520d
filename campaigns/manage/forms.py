"""What editors, reviewers and publishers fill in."""

import re
from datetime import date
from typing import Any

import wtforms
from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional, Regexp, ValidationError

from campaigns.labels import PLANS, PROTECTIONS
from campaigns.manage.labels import CHECKS
from campaigns.manage.rules import Check, Verb
from campaigns.manage.services import Draft, Step
from campaigns.signups.forms import plain
from core.forms import CodeField, DateField, Form, SelectChoice, Ticks, required, up_to
from core.i18n import _
from core.i18n import lazy as _l

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,9}")
SEVERAL_LINES = {"rows": 6}
TEXTS = (
    ("title", 60, 120),
    ("summary", 300, 500),
    ("story", 2000, 2000),
    ("needed", 1000, 2000),
    ("risks", 1000, 2000),
)


def not_before(other: str, message: str) -> Any:
    """Return a validator: the day may not be before that of the other field."""

    def check(form: wtforms.form.BaseForm, field: wtforms.Field) -> None:
        first = form[other].data
        if isinstance(first, date) and isinstance(field.data, date) and field.data < first:
            raise ValidationError(message)

    return check


class CampaignForm(Form):
    """A campaign's texts, days and hosts; the choices are filled by the view."""

    brand = SelectField(_l("品牌"), [required()])
    area = SelectField(_l("地区"), [required()])
    host = SelectField(_l("主办单位"), [Optional()])
    title = StringField(_l("活动名称"), [required(), up_to(60), plain])
    summary = TextAreaField(
        _l("一句话介绍"), [required(), up_to(300), plain], render_kw={"rows": 3}
    )
    story = TextAreaField(
        _l("活动故事"),
        [Optional(), up_to(2000), plain],
        description=_l(
            "写给志愿者看：要去哪里、做什么。不写任何一个孩子的事。每行一段；"
            "行首写“## ”是小标题，写“- ”是列表，**加粗**，[文字](/本站的地址) 是链接"
        ),
        render_kw={"rows": 8, "data-rich": "1"},
    )
    needed = TextAreaField(
        _l("需要什么样的人"),
        [Optional(), up_to(1000), plain],
        description=_l("每行一条"),
        render_kw=SEVERAL_LINES,
    )
    risks = TextAreaField(
        _l("风险告知"),
        [Optional(), up_to(1000), plain],
        description=_l("志愿者报名前必须知道的，每行一条"),
        render_kw=SEVERAL_LINES,
    )
    recruit_from = DateField(_l("报名开始"), [required()])
    recruit_until = DateField(
        _l("报名截止"), [required(), not_before("recruit_from", _l("截止日期不能早于开始日期"))]
    )
    training_on = DateField(_l("培训日期"), [Optional()])
    visits_from = DateField(_l("走访开始"), [required()])
    visits_until = DateField(
        _l("走访结束"), [required(), not_before("visits_from", _l("结束日期不能早于开始日期"))]
    )
    goal = IntegerField(
        _l("志愿者目标人数"),
        [required(), NumberRange(1, 100_000, _l("请填 1 到 100000 的整数"))],
        render_kw={"inputmode": "numeric"},
    )
    protections = Ticks(
        _l("属于哪几项保护"),
        [Optional()],
        choices=[SelectChoice(one.value, name) for one, name in PROTECTIONS.items()],
    )
    plans = Ticks(
        _l("属于哪几项计划"),
        [Optional()],
        choices=[SelectChoice(one.value, name) for one, name in PLANS.items()],
    )
    partners = Ticks(_l("合作单位"), [Optional()])
    title_en = StringField(_l("英文名称"), [Optional(), up_to(120), plain])
    summary_en = TextAreaField(
        _l("英文介绍"), [Optional(), up_to(500), plain], render_kw={"rows": 3}
    )
    story_en = TextAreaField(
        _l("英文故事"),
        [Optional(), up_to(2000), plain],
        render_kw=SEVERAL_LINES | {"data-rich": "1"},
    )
    needed_en = TextAreaField(
        _l("英文：需要什么样的人"), [Optional(), up_to(2000), plain], render_kw=SEVERAL_LINES
    )
    risks_en = TextAreaField(
        _l("英文：风险告知"), [Optional(), up_to(2000), plain], render_kw=SEVERAL_LINES
    )
    version = HiddenField(default="0")

    def draft(self) -> Draft:
        texts = {
            name: str(self[name].data or "")
            for kind, _most, _most_en in TEXTS
            for name in (kind, f"{kind}_en")
        }
        return Draft(
            brand_id=int(self.brand.data),
            area_id=int(self.area.data),
            host_id=int(self.host.data) if self.host.data else None,
            recruit_from=self.recruit_from.data,  # type: ignore[arg-type]  # required
            recruit_until=self.recruit_until.data,  # type: ignore[arg-type]  # required
            training_on=self.training_on.data,
            visits_from=self.visits_from.data,  # type: ignore[arg-type]  # required
            visits_until=self.visits_until.data,  # type: ignore[arg-type]  # required
            goal_volunteers=int(self.goal.data or 0),
            protections=list(self.protections.data or []),
            plans=list(self.plans.data or []),
            **texts,
        )

    def partner_ids(self) -> list[int]:
        return [int(one) for one in self.partners.data or []]

    def seen_version(self) -> int:
        return number(self.version.data)


class NewCampaignForm(CampaignForm):
    slug = CodeField(
        _l("网址"),
        [
            required(),
            up_to(60),
            Regexp(
                SLUG.pattern + r"\Z", message=_l("只用小写字母、数字和短横线，例如 qingnuan-2027")
            ),
        ],
        description=_l("活动页面的地址，发布后不再改变，例如 qingnuan-xinchun-2027"),
    )


def number(text: object) -> int:
    """Return a version as it came back, or 0, which no campaign has."""
    given = str(text or "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


class ReviewForm(Form):
    """What a safeguarding lead has looked at, and the decision."""

    checks = Ticks(
        _l("审核要点"), choices=[SelectChoice(check.value, name) for check, name in CHECKS.items()]
    )
    decision = RadioField(
        _l("结论"),
        [required(_l("请选择结论"))],
        choices=[
            SelectChoice(Verb.APPROVE.value, _l("通过")),
            SelectChoice(Verb.SEND_BACK.value, _l("退回修改")),
        ],
    )
    reason = TextAreaField(
        _l("退回的理由"),
        [up_to(300), plain],
        description=_l("退回时必填，编辑会看到"),
        render_kw={"rows": 3},
    )
    version = HiddenField(default="0")

    def validate_checks(self, field: wtforms.Field) -> None:
        if self.decision.data == Verb.APPROVE and len(field.data or []) < len(Check):
            raise ValidationError(_("每一项都核对过才能通过"))

    def validate_reason(self, field: wtforms.Field) -> None:
        if self.decision.data == Verb.SEND_BACK and not field.data:
            raise ValidationError(_("请写明退回的理由"))

    def step(self) -> Step:
        return Step(
            Verb(str(self.decision.data)),
            number(self.version.data),
            str(self.reason.data or ""),
            [Check(check) for check in self.checks.data or []],
        )


class HaltForm(Form):
    reason = StringField(_l("理由"), [required(), up_to(200), plain])
    version = HiddenField(default="0")
