"""What is filled in to propose, decide on and end a pairing."""

from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.validators import Optional, ValidationError

from children.forms import says_nothing_identifying
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from pairings.labels import END_REASONS
from pairings.proposals.services import Proposal
from pairings.rules import CHOSEN, EndReason
from pairings.services import Ending

APPROVE, DECLINE = "approve", "decline"


class ProposeForm(Form):
    """A team for a child; the teams and campaigns to choose from are filled by the view."""

    team = RadioField(_l("选一个小组"), [required(_l("请选一个小组"))], choices=[])
    note = TextAreaField(
        _l("为什么这样最有利于孩子"),
        [required(), up_to(300), says_nothing_identifying],
        description=_l("写给审批的人看：孩子需要什么、这个小组为什么合适"),
        render_kw={"rows": 3},
    )
    campaign = SelectField(_l("属于哪个活动"), [Optional()], choices=[])
    ends_on = DateField(
        _l("约定到哪天"), [required()], description=_l("至少一个学期，默认到学年末")
    )

    def proposal(self, campaign_ids: dict[str, int]) -> Proposal:
        return Proposal(
            team_uid=str(self.team.data),
            note=str(self.note.data),
            ends_on=self.ends_on.data,  # type: ignore[arg-type]  # required
            campaign_id=campaign_ids.get(str(self.campaign.data)),
        )


class DecideForm(Form):
    decision = RadioField(
        _l("您的决定"),
        [required(_l("请选择"))],
        choices=[SelectChoice(APPROVE, _l("批准")), SelectChoice(DECLINE, _l("不批准"))],
    )
    note = TextAreaField(
        _l("理由"),
        [up_to(300), says_nothing_identifying],
        description=_l("不批准时必填；提出的人会看到"),
        render_kw={"rows": 3},
    )

    def validate_note(self, field: TextAreaField) -> None:
        if self.decision.data == DECLINE and not field.data:
            raise ValidationError(_("不批准请写明理由"))


class EndForm(Form):
    reason = SelectField(
        _l("为什么结束"),
        [required(_l("请选择"))],
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(reason.value, END_REASONS[reason]) for reason in CHOSEN),
        ],
    )
    need_met = BooleanField(_l("孩子的需求已满足，不再等待新的结对"))
    note = TextAreaField(
        _l("说明"),
        [required(), up_to(200), says_nothing_identifying],
        description=_l("怎样和孩子告别、怎样交接；不能告别的写明原因"),
        render_kw={"rows": 3},
    )

    def ending(self) -> Ending:
        return Ending(
            EndReason(self.reason.data), str(self.note.data), need_met=bool(self.need_met.data)
        )
