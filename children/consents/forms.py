"""What is filled in about an answer to a question of consent."""

from wtforms import HiddenField, RadioField
from wtforms.validators import Optional

from children.consents.labels import PROOFS, SIGNERS, STATES
from children.consents.rules import Answer, proofs_for, signers_for
from children.forms import says_nothing_identifying, version_of
from children.models import Child
from children.rules import ConsentProof, ConsentState, Purpose, Signer
from core import clock
from core.forms import CodeField, DateField, Form, SelectChoice, required, up_to
from core.i18n import lazy as _l

ENTERED = (ConsentState.GIVEN, ConsentState.REFUSED, ConsentState.REQUESTED)


class IfYes(Optional):
    """May be left out, but not for a yes: the rules of consent say so, not the field."""

    field_flags = {}  # noqa: RUF012 - WTForms declares it so


class AnswerForm(Form):
    """One purpose, one answer; who may answer and how depends on purpose and age."""

    seen = HiddenField()
    state = RadioField(
        _l("答复"),
        [required(_l("请选择"))],
        choices=[SelectChoice(state.value, STATES[state]) for state in ENTERED],
    )
    signer = RadioField(_l("谁答复的"), [IfYes()], choices=[], description=_l("同意时必须填写"))
    proof = RadioField(_l("凭什么证明"), [IfYes()], choices=[], description=_l("同意时必须填写"))
    reference = CodeField(
        _l("存档编号"),
        [Optional(), up_to(60), says_nothing_identifying],
        description=_l("纸质同意书或通话记录在档案柜里的编号，不写姓名和电话"),
    )
    dated = DateField(_l("答复日期"), [required()], default=clock.today)
    valid_until = DateField(
        _l("有效期至"), [Optional()], description=_l("不填就按最长有效期算；可以更短，不能更长")
    )

    def ask_about(self, purpose: Purpose, child: Child) -> None:
        """Offer those who may answer about the purpose: a grandparent who cares is not among."""
        signers, proofs = signers_for(purpose), proofs_for(purpose, child.age_band)
        self.signer.choices = [
            SelectChoice(one.value, SIGNERS[one]) for one in Signer if one in signers
        ]
        self.proof.choices = [
            SelectChoice(one.value, PROOFS[one]) for one in ConsentProof if one in proofs
        ]

    def number_seen(self) -> int:
        """Return the number of the newest answer when the page was made."""
        return version_of(self.seen.data)

    def answer(self) -> Answer:
        signer, proof = self.signer.data, self.proof.data
        return Answer(
            state=ConsentState(self.state.data),
            dated=self.dated.data or clock.today(),
            signer=Signer(signer) if signer in set(Signer) else None,
            proof=ConsentProof(proof) if proof in set(ConsentProof) else None,
            valid_until=self.valid_until.data,
            reference=str(self.reference.data or ""),
        )
