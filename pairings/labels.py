"""What stages, endings and the reasons of a match are called on the page."""

from collections.abc import Iterable

from children.labels import needs
from core.i18n import _
from core.i18n import lazy as _l
from core.show import hours
from pairings.matching.model import Code, Factor
from pairings.queries import Tab
from pairings.rules import DeclineReason, EndReason, Stage

STAGES = {
    Stage.PROPOSED: _l("待审批"),
    Stage.UNDER_REVIEW: _l("待市级审批"),
    Stage.APPROVED: _l("已批准，待征求意见"),
    Stage.CONSENT_PENDING: _l("征求意见和签协议"),
    Stage.SCHEDULED_INTRO: _l("首访已安排"),
    Stage.ACTIVE: _l("陪伴中"),
    Stage.PAUSED: _l("暂停"),
    Stage.RENEWING: _l("正在续期"),
    Stage.ENDING: _l("即将结束"),
    Stage.ENDED: _l("已结束"),
    Stage.REVIEWED: _l("已结束并回顾"),
    Stage.DECLINED: _l("未批准"),
    Stage.TERMINATED_SAFEGUARDING: _l("因安全原因终止"),
}
TABS = {
    Tab.LIVE: _l("正在陪伴"),
    Tab.MINE_TO_DECIDE: _l("等我审批"),
    Tab.PROPOSED: _l("已提出"),
    Tab.REARRANGE: _l("要重新安排"),
    Tab.OVER: _l("已结束"),
    Tab.ASK: _l("等征求意见"),
    Tab.SIGN: _l("等签协议"),
    Tab.INTRO: _l("等安排首访"),
    Tab.PART: _l("等告别"),
    Tab.REVIEW: _l("等回顾"),
}
TONES = {
    Stage.PROPOSED: "warn",
    Stage.UNDER_REVIEW: "warn",
    Stage.APPROVED: "info",
    Stage.CONSENT_PENDING: "info",
    Stage.SCHEDULED_INTRO: "info",
    Stage.ACTIVE: "ok",
    Stage.PAUSED: "warn",
    Stage.RENEWING: "info",
    Stage.ENDING: "warn",
    Stage.ENDED: "",
    Stage.REVIEWED: "",
    Stage.DECLINED: "",
    Stage.TERMINATED_SAFEGUARDING: "danger",
}
END_REASONS = {
    EndReason.TERM_OVER: _l("约定的时间到了"),
    EndReason.CONSENT_WITHDRAWN: _l("同意已撤回"),
    EndReason.TEAM_LEFT: _l("小组不能继续"),
    EndReason.CHILD_MOVED: _l("孩子搬走了"),
    EndReason.CHILD_SAYS_NO: _l("孩子不愿意"),
    EndReason.GUARDIAN_SAYS_NO: _l("监护人不同意"),
    EndReason.SAFEGUARDING: _l("出于安全考虑"),
    EndReason.OTHER: _l("其他"),
}
DECLINE_REASONS = {
    DeclineReason.TIMES: _l("时间对不上"),
    DeclineReason.TOO_FAR: _l("路太远"),
    DeclineReason.NEEDS: _l("帮不上孩子需要的"),
    DeclineReason.RELATED: _l("有亲属或利害关系"),
    DeclineReason.SAFETY: _l("对志愿者有安全方面的顾虑"),
    DeclineReason.CIRCUMSTANCES: _l("孩子的情况有变"),
    DeclineReason.BETTER_TEAM: _l("有更合适的小组"),
    DeclineReason.OTHER: _l("其他"),
    DeclineReason.GUARDIAN_SAYS_NO: _l("监护人不同意"),
    DeclineReason.CHILD_SAYS_NO: _l("孩子不愿意"),
}


CODES = {
    Code.SAFEGUARDING: _l("有成员被暂停，或有安全方面的报告在查"),
    Code.CLEARANCE: _l("手续齐全、近期不到期的成员至少要 2 人"),
    Code.TERM: _l("小组待不到学期末"),
    Code.LOAD: _l("没有名额了"),
    Code.CONFLICT: _l("有亲属或利害关系"),
    Code.FORBIDDEN: _l("这一对被否决过"),
    Code.ENDED: _l("有过不合适的结束"),
    Code.TRAINING: _l("培训还够不上这个孩子的风险等级"),
    Code.WOMEN: _l("女孩身边须有一位女性成员"),
    Code.LANGUAGE: _l("没有人会孩子需要的语言"),
    Code.ATTACHMENT: _l("刚结束，让孩子歇一歇，或近来离别太多，只能由熟悉的人陪"),
    Code.PLACE: _l("不知道在哪里"),
    Code.REACH: _l("路太远"),
    Code.TIME: _l("没有够长的共同空闲"),
}
FACTORS = {
    Factor.DISTANCE: _l("路程"),
    Factor.NEEDS: _l("需要"),
    Factor.SLOTS: _l("时间"),
    Factor.TRAINING: _l("培训"),
    Factor.DIALECT: _l("方言"),
    Factor.EXPERIENCE: _l("经验"),
    Factor.AGE: _l("年龄段"),
    Factor.CONTINUITY: _l("熟悉"),
    Factor.INERTIA: _l("已提议"),
}


def code_words(found: Iterable[Code]) -> list[str]:
    """Return the rules against a pair in words."""
    return [str(CODES[code]) for code in found]


def reason_words(keys: Iterable[str]) -> list[str]:
    """Return what speaks for a match in words; a key of an older release is left out."""
    return [words for words in map(_reason, keys) if words]


def _reason(key: str) -> str:
    kind, _colon, rest = key.partition(":")
    if kind == "points":
        factor, _colon, many = rest.partition(":")
        return _("%(what)s %(n)s 分", what=FACTORS[Factor(factor)], n=many)
    if kind == "time" and rest.isdigit():
        return _("每周共有 %(n)s 小时空闲", n=hours(int(rest)))
    if kind in {"needs", "open"}:
        what = _("、").join(str(name) for name in needs(rest.split(",")))
        return (
            _("能帮上：%(what)s", what=what) if kind == "needs" else _("还缺：%(what)s", what=what)
        )
    if kind == "load" and rest.isdigit() and rest != "0":
        return _("成员最多已陪伴 %(n)s 个孩子", n=rest)
    plain = {
        "county:same": _("就在本县"),
        "county:near": _("来自邻县"),
        "known": _("陪伴过这个孩子"),
        "load:0": _("现在没有结对"),
    }
    return plain.get(key, "")
