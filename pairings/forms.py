"""What is filled in to propose, decide on and end a pairing."""

from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.validators import Optional, ValidationError

from children.forms import says_nothing_identifying
from core.forms import DateField, Form, SelectChoice, required, up_to
from core.i18n import _
from core.i18n import lazy as _l
from pairings.endings.labels import EXPLAINERS
from pairings.endings.rules import Ending, Explained, Explainer
from pairings.keys.services import Refusal
from pairings.labels import DECLINE_REASONS, END_REASONS
from pairings.proposals.services import Proposal
from pairings.rules import (
    AT_ONCE,
    BEGUN,
    CHOSEN,
    DECLINE_CHOSEN,
    DeclineReason,
    EndReason,
    Stage,
    may_go,
    stage_after,
)

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
    reason = SelectField(
        _l("不批准的原因"),
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(one.value, DECLINE_REASONS[one]) for one in DECLINE_CHOSEN),
        ],
        default="",
        description=_l("不批准时必选；这一组以后不会再推荐给这个孩子"),
    )
    note = TextAreaField(
        _l("理由"),
        [up_to(300), says_nothing_identifying],
        description=_l("不批准时必填；提出的人会看到"),
        render_kw={"rows": 3},
    )

    def validate_reason(self, field: SelectField) -> None:
        if self.decision.data == DECLINE and not field.data:
            raise ValidationError(_("不批准请选一个原因"))

    def validate_note(self, field: TextAreaField) -> None:
        if self.decision.data == DECLINE and not field.data:
            raise ValidationError(_("不批准请写明理由"))

    def refusal(self) -> Refusal:
        return Refusal(DeclineReason(self.reason.data), str(self.note.data))


class EndForm(Form):
    """The end itself; what is asked depends on how far the pairing has come."""

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
        description=_l("发生了什么、告诉了谁"),
        render_kw={"rows": 3},
    )
    goodbye_missing = TextAreaField(
        _l("为什么没有告别走访"),
        [Optional(), up_to(200), says_nothing_identifying],
        description=_l("已经好好告别的不用写；不能告别的必须写明"),
        render_kw={"rows": 2},
    )
    explained_by = SelectField(
        _l("谁告诉孩子的"),
        [Optional()],
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(one.value, EXPLAINERS[one]) for one in Explainer),
        ],
        default="",
    )
    explained_on = DateField(_l("哪天告诉孩子的"), [Optional()])
    explained_missing = TextAreaField(
        _l("为什么不能告诉孩子"),
        [Optional(), up_to(200), says_nothing_identifying],
        description=_l("已经告诉孩子的不用写"),
        render_kw={"rows": 2},
    )
    handover = TextAreaField(
        _l("交接说明"),
        [Optional(), up_to(300), says_nothing_identifying],
        description=_l("接手的人要知道什么、已经告诉了谁"),
        render_kw={"rows": 3},
    )

    def fits(self, stage: Stage) -> "EndForm":
        """Ask for what this stage needs: a pairing that has begun is parted from first."""
        if stage is not Stage.ENDING:
            del self.goodbye_missing, self.handover
            del self.explained_by, self.explained_on, self.explained_missing
        fitting = [one for one in CHOSEN if may_go(stage, stage_after(one))]
        if stage in BEGUN - {Stage.ENDING}:
            fitting = [one for one in fitting if one in AT_ONCE]
        self.reason.choices = [
            SelectChoice("", _l("请选择")),
            *(SelectChoice(one.value, END_REASONS[one]) for one in fitting),
        ]
        return self

    def ending(self) -> Ending:
        parted = {
            name: str(self[name].data or "")
            for name in ("goodbye_missing", "handover")
            if name in self
        }
        return Ending(
            EndReason(self.reason.data),
            str(self.note.data),
            need_met=bool(self.need_met.data),
            **parted,
            explained=self._explained(),
        )

    def _explained(self) -> Explained:
        if "explained_by" not in self:
            return Explained()
        return Explained(
            Explainer(self.explained_by.data) if self.explained_by.data else None,
            self.explained_on.data,
            str(self.explained_missing.data or ""),
        )
