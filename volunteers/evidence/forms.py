"""What a coordinator fills in after something was checked: its outcome, never its content."""

from typing import Any

from wtforms import RadioField, StringField
from wtforms.validators import Optional

from core import clock
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from volunteers.evidence.rules import ON_THE_DATE, Fault, NewEvidence, faults
from volunteers.evidence.services import longest
from volunteers.forms import no_identity_number
from volunteers.labels import FAULTS, OUTCOMES
from volunteers.rules import ENDLESS, EvidenceKind, Outcome

DATED = {
    EvidenceKind.IDENTITY: _l("哪天核对的"),
    EvidenceKind.SCREENING: _l("查询结果的日期"),
    EvidenceKind.TRAINING: _l("哪天完成培训的"),
    EvidenceKind.PLEDGE: _l("哪天签的"),
    EvidenceKind.INSURANCE: _l("保险起期"),
    EvidenceKind.REFERENCES: _l("哪天问到的"),
    EvidenceKind.INTERVIEW: _l("哪天面谈的"),
}
REFERENCE = {
    EvidenceKind.IDENTITY: _l("核对方式，如：当面核对身份证，已满 18 周岁。不要写证件号码"),
    EvidenceKind.SCREENING: _l("回执或批次编号。不要写查询到的内容"),
    EvidenceKind.TRAINING: _l("培训班名称或签到表编号"),
    EvidenceKind.PLEDGE: _l("纸质承诺书的编号或存放处"),
    EvidenceKind.INSURANCE: _l("保单号"),
    EvidenceKind.REFERENCES: _l("推荐意见存放处。不要写推荐人的姓名和说了什么"),
    EvidenceKind.INTERVIEW: _l("面谈记录的编号或存放处。不要写谈话内容"),
}


class EvidenceForm(Form):
    outcome = RadioField(
        _l("查询结果"),
        [required()],
        choices=[SelectChoice(outcome.value, name) for outcome, name in OUTCOMES.items()],
        description=_l("选“有记录”会立即暂停此人的服务，由未保专员决定"),
    )
    dated = DateField(_l("办理日期"), [required()], default=clock.today)
    reference = StringField(_l("编号或方式"), [required(), up_to(60), no_identity_number])
    valid_until = DateField(_l("有效期至"), [Optional()])

    kind: EvidenceKind

    @classmethod
    def about(cls, kind: EvidenceKind) -> "EvidenceForm":
        """Return the form for one kind, with the fields that kind has."""
        form = cls.of_request()
        form.kind = kind
        form.dated.label.text = DATED[kind]
        form.reference.description = REFERENCE[kind]
        form.valid_until.description = _l("最后一天。不填就按规定的最长有效期计算")
        if kind is EvidenceKind.INSURANCE:
            form.valid_until.label.text = _l("保险止期")
            form.valid_until.description = _l("最后一天，照保单填写")
            form.valid_until.validators = [required()]
            form.valid_until.flags.optional = False
        if kind is not EvidenceKind.SCREENING:
            del form.outcome
        if kind in ENDLESS:
            del form.valid_until
        return form

    def new(self) -> NewEvidence:
        return NewEvidence(
            self.kind,
            self.dated.data or clock.today(),
            str(self.reference.data or ""),
            Outcome(self.outcome.data) if "outcome" in self else Outcome.CLEAR,
            self.valid_until.data if "valid_until" in self else None,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        new = self.new()
        wrong = faults(new, clock.today(), longest(new))
        for fault in wrong:
            field = self.dated if fault in ON_THE_DATE else self._end_or_date(fault)
            field.errors = [*field.errors, str(FAULTS[fault])]
        return not wrong

    def _end_or_date(self, fault: Fault) -> DateField:
        """Return the field to mend: without an end of its own, it is the date that is too old."""
        ends = "valid_until" in self and (self.valid_until.data or fault is not Fault.OVER)
        return self.valid_until if ends else self.dated
