"""What a coordinator enters about a university, and what its lead uploads and makes."""

from datetime import date

import wtforms
from wtforms import FileField, IntegerField, StringField
from wtforms.validators import NumberRange, ValidationError

from core.errors import RuleBroken
from core.forms import DateField, Form, required, up_to
from core.i18n import lazy as _l
from volunteers.students.desk.services import MOST_USES, Roster, read_roster


class DomainForm(Form):
    domain = StringField(
        _l("邮箱域名"),
        [required(), up_to(80)],
        description=_l("@ 后面的部分，如 stu.example.edu.cn。先向学校核实只发给在读学生"),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )

    def told(self) -> str:
        return str(self.domain.data).removeprefix("@").lower()


class RosterUploadForm(Form):
    sheet = FileField(
        _l("名册表格"),
        [required(_l("请选一个表格文件"))],
        description=_l("“学号”“姓名”两列，.xlsx 或 .csv，最多 5000 人。不保存原文，只留加密的摘要"),
        render_kw={"accept": ".xlsx,.csv"},
    )
    until = DateField(
        _l("到哪天为止"), [required()], description=_l("一般填学期最后一天，最多一年")
    )

    digests: tuple[str, ...]
    org_id: int

    def validate_sheet(self, field: wtforms.Field) -> None:
        """Read the list before the deed, since it takes longer than a lock may."""
        try:
            self.digests = read_roster(field.data.read(), field.data.filename or "", self.org_id)
        except RuleBroken as refusal:
            raise ValidationError(*refusal.reasons) from refusal

    def told(self) -> Roster:
        until: date = self.until.data  # type: ignore[assignment]  # required
        return Roster(self.digests, until)


class LinkForm(Form):
    uses = IntegerField(
        _l("给几个人用"),
        [required(), NumberRange(1, MOST_USES, _l("填 1 到 200 之间的人数"))],
        render_kw={"inputmode": "numeric", "min": 1, "max": MOST_USES},
    )
    expires_on = DateField(_l("链接开到哪天"), [required()])

    def told(self) -> tuple[int, date]:
        until: date = self.expires_on.data  # type: ignore[assignment]  # required
        return int(self.uses.data or 0), until
