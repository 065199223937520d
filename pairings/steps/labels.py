"""The way of a pairing in words, and the one next step for whoever looks."""

from dataclasses import dataclass

from core.i18n import _
from core.i18n import lazy as _l
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.steps.rules import Milestone, Way, milestones, present

MILESTONES = {
    Milestone.PROPOSED: (_l("提出"), _l("一位协调员写明为什么合适")),
    Milestone.COUNTY: (_l("县里审批"), _l("由另一个人决定")),
    Milestone.CITY: (_l("市级审批"), _l("高风险还要市级未保专员")),
    Milestone.ANSWERS: (_l("两边同意"), _l("监护人和孩子分别答复")),
    Milestone.AGREEMENT: (_l("签协议"), _l("每一方都签同一版")),
    Milestone.INTRO: (_l("首访"), _l("由当地陪同人带着见面")),
    Milestone.ACTIVE: (_l("陪伴"), _l("按计划走访")),
    Milestone.OVER: (_l("告别和回顾"), _l("告别、交接，再回头看看")),
}


@dataclass(frozen=True, slots=True)
class Looker:
    """What whoever looks may do here."""

    decides: bool = False
    enters: bool = False
    signs: bool = False
    plans: bool = False
    ends: bool = False


def bar(way: Way) -> list[tuple[str, str, str]]:
    """Return (title, text, state) of each milestone."""
    return [
        (str(title), str(text), state)
        for one, state in milestones(way)
        for title, text in [MILESTONES[one]]
    ]


def next_step(pairing: Pairing, way: Way, who: Looker) -> str:
    """Return what comes next, said to whoever looks; empty when nothing does."""
    if way.lacks_city and way.stage is not Stage.UNDER_REVIEW:
        return _decided(
            _("孩子现在是高风险：请您作市级审批"), _("孩子现在是高风险，先等市级未保专员审批"), who
        )
    said = {
        Stage.PROPOSED: _decided(_("请您审批"), _("等县里的另一位同事审批"), who),
        Stage.UNDER_REVIEW: _decided(
            _("县里已批准，请您作市级审批"), _("县里已批准，等市级未保专员审批"), who
        ),
        Stage.SCHEDULED_INTRO: _("首访已安排；有陪同人在场、记录审核通过后，陪伴就开始了"),
        Stage.ACTIVE: _("按计划走访，约定到 %(day)s", day=pairing.ends_on),
        Stage.PAUSED: _("暂停中，不安排走访；可以恢复，也可以开始结束"),
        Stage.RENEWING: _renewing(pairing, who),
        Stage.ENDING: _ending(pairing, who),
        Stage.ENDED: _("请回头看看：哪里做得好，哪里要改") if who.ends else "",
    }
    if way.stage in {Stage.APPROVED, Stage.CONSENT_PENDING}:
        return _asking(way, who)
    return said.get(way.stage, "")


def _decided(mine: str, others: str, who: Looker) -> str:
    return mine if who.decides else others


def _asking(way: Way, who: Looker) -> str:
    where = present(way)
    if where is Milestone.ANSWERS:
        if who.enters:
            return _("请分别问监护人和孩子愿不愿意，各自登记答复")
        return _("等儿童主任或协调员问过监护人和孩子")
    if where is Milestone.AGREEMENT:
        if who.signs:
            return _("监护人和孩子都同意了，请您看协议并签字")
        return _("请把协议签齐") if who.enters else _("等协议签齐")
    return _("请安排首访，一定要有当地的陪同人") if who.plans else _("等领队或协调员安排首访")


def _renewing(pairing: Pairing, who: Looker) -> str:
    day = pairing.renew_until
    if who.enters:
        return _("想续到 %(day)s：请重新问监护人和孩子，协议换了版本的补签", day=day)
    return _("想续到 %(day)s，正在重新征求意见", day=day)


def _ending(pairing: Pairing, who: Looker) -> str:
    if pairing.goodbye_on:
        return _("已经告别；请写交接说明，再结束结对") if who.ends else _("已经告别，等写好交接")
    return _("请安排一次告别走访") if who.plans else _("等安排告别走访")
