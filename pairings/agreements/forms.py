"""What is filled in about a signature on paper, or on a call."""

from collections.abc import Mapping
from typing import Self

from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from children.consents.labels import SIGNERS
from children.consents.rules import GUARDIANS
from children.forms import says_nothing_identifying
from children.rules import Signer
from core import clock
from core.forms import CodeField, DateField, Form, SelectChoice, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from pairings.agreements.labels import PARTIES, PROOFS
from pairings.agreements.queries import Signing
from pairings.agreements.rules import Party, Seat, Signature, SignatureProof


def key_of(seat: Seat) -> str:
    """Return a seat as the form sends it."""
    return f"{seat.party}-{seat.volunteer_id}" if seat.volunteer_id else seat.party.value


def seat_name(seat: Seat, names: Mapping[int, str]) -> str:
    if seat.volunteer_id is None:
        return str(PARTIES[seat.party])
    return _("志愿者 %(name)s", name=names[seat.volunteer_id])


class SignatureForm(Form):
    seat = RadioField(_l("谁签的"), [required(_l("请选择"))], choices=[])
    signer = SelectField(
        _l("哪位监护人"),
        [Optional()],
        choices=[
            SelectChoice("", _l("不是监护人签的")),
            *(SelectChoice(one.value, SIGNERS[one]) for one in Signer if one in GUARDIANS),
        ],
        description=_l("只在监护人签时选"),
    )
    proof = RadioField(
        _l("怎样签的"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice(one.value, PROOFS[one])
            for one in (SignatureProof.PAPER, SignatureProof.WITNESSED_CALL)
        ],
        description=_l("只有在外的监护人可以在有人见证的通话里签"),
    )
    reference = CodeField(
        _l("存档编号"),
        [Optional(), up_to(60), says_nothing_identifying],
        description=_l("签好的协议在档案柜里的编号；不上传照片，不写证件号"),
    )
    dated = DateField(_l("签署日期"), [required()], default=clock.today)

    def offer(self, signing: Signing, *, centre: bool) -> Self:
        """Offer those who still have to sign; `centre` says whether its own is entered here."""
        self._seats = {
            key_of(seat): seat for seat in signing.open if centre or seat.party is not Party.CENTRE
        }
        self.seat.choices = [
            SelectChoice(key, seat_name(seat, signing.names)) for key, seat in self._seats.items()
        ]
        return self

    def signature(self) -> Signature:
        signer = self.signer.data
        return Signature(
            seat=self._seats[str(self.seat.data)],
            proof=SignatureProof(self.proof.data),
            dated=self.dated.data or clock.today(),
            signer=Signer(signer) if signer in set(Signer) else None,
            reference=str(self.reference.data or ""),
        )
