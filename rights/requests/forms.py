"""What is filled in about a request: who asks for what, and how it ends."""

from wtforms import RadioField, TextAreaField
from wtforms.validators import Optional

from children.forms import says_nothing_identifying
from core import clock
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import lazy as _l
from rights.requests.labels import ASKERS, CHANNELS, KINDS
from rights.requests.rules import Asker, Channel, RequestKind
from rights.requests.services import NewRequest


class RequestForm(Form):
    """What a guardian or a child asks for, entered by staff."""

    kind = RadioField(
        _l("要求什么"),
        [required(_l("请选择"))],
        choices=[SelectChoice(one.value, KINDS[one]) for one in RequestKind],
    )
    asker = RadioField(
        _l("谁提出的"),
        [required(_l("请选择"))],
        choices=[SelectChoice(one.value, ASKERS[one]) for one in (Asker.GUARDIAN, Asker.CHILD)],
    )
    channel = RadioField(
        _l("怎样提出的"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice(one.value, CHANNELS[one])
            for one in (Channel.IN_PERSON, Channel.PHONE, Channel.PAPER)
        ],
    )
    received_on = DateField(
        _l("收到的日期"), [required()], default=clock.today, description=_l("期限从这一天算起")
    )
    said = TextAreaField(
        _l("说明"),
        [Optional(), up_to(300), says_nothing_identifying],
        description=_l("想看、想改或想删的是什么；不写姓名、电话、学校和住址"),
    )

    def new(self) -> NewRequest:
        return NewRequest(
            RequestKind(self.kind.data),
            Asker(self.asker.data),
            Channel(self.channel.data),
            self.received_on.data or clock.today(),
            str(self.said.data or ""),
        )


class OwnRequestForm(Form):
    """What a volunteer asks for about their own data."""

    kind = RadioField(
        _l("要求什么"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice(one.value, KINDS[one]) for one in (RequestKind.CORRECT, RequestKind.DELETE)
        ],
    )
    said = TextAreaField(
        _l("说明"), [Optional(), up_to(300)], description=_l("哪里不对，应该是什么；或为什么要删除")
    )

    def wanted(self) -> RequestKind:
        return RequestKind(self.kind.data)

    def words(self) -> str:
        return str(self.said.data or "")


class OutcomeForm(Form):
    """How a request ends, in words that can be given to whoever asked."""

    outcome = TextAreaField(
        _l("结果或理由"),
        [required(), up_to(500), says_nothing_identifying],
        description=_l("会打印给请求人；不写姓名、电话、学校和住址"),
    )
