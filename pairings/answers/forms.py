"""What is filled in about an answer to one pairing."""

from typing import Self

from wtforms import RadioField, TextAreaField
from wtforms.validators import Optional

from children.consents.labels import PROOFS, SIGNERS
from children.forms import says_nothing_identifying
from children.rules import AgeBand, ConsentProof, Signer
from core import clock
from core.forms import CodeField, DateField, Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from pairings.answers.rules import Answer, Whose, proofs, signers

YES, NO = "yes", "no"


class AnswerForm(Form):
    """One side's answer: a child's no asks for nothing more."""

    said = RadioField(
        _l("答复"),
        [required(_l("请选择"))],
        choices=[SelectChoice(YES, _l("愿意")), SelectChoice(NO, _l("不愿意"))],
    )
    signer = RadioField(_l("谁答复的"), [Optional()], choices=[], description=_l("愿意时必须填写"))
    proof = RadioField(_l("凭什么证明"), [Optional()], choices=[], description=_l("愿意时必须填写"))
    reference = CodeField(
        _l("存档编号"),
        [Optional(), up_to(60), says_nothing_identifying],
        description=_l("纸质答复或通话记录在档案柜里的编号，不写姓名和电话"),
    )
    dated = DateField(_l("答复日期"), [required()], default=clock.today)
    reason = TextAreaField(
        _l("不愿意的理由"),
        [Optional(), up_to(200), says_nothing_identifying],
        description=_l("对方愿意说才写；孩子不用讲理由"),
        render_kw={"rows": 2},
    )

    def ask(self, whose: Whose, age_band: AgeBand) -> Self:
        """Offer who may answer and how; the child answers for itself."""
        allowed, ways = signers(whose), proofs(whose, age_band)
        self.signer.choices = [
            SelectChoice(one.value, SIGNERS[one]) for one in Signer if one in allowed
        ]
        self.proof.choices = [
            SelectChoice(one.value, PROOFS[one]) for one in ConsentProof if one in ways
        ]
        if whose is Whose.CHILD:
            del self.signer
        return self

    def answer(self) -> Answer:
        signer = self.signer.data if "signer" in self else Signer.CHILD.value
        proof = self.proof.data
        return Answer(
            yes=self.said.data == YES,
            dated=self.dated.data or clock.today(),
            signer=Signer(signer) if signer in set(Signer) else None,
            proof=ConsentProof(proof) if proof in set(ConsentProof) else None,
            reason=str(self.reason.data or ""),
            reference=str(self.reference.data or ""),
        )
