"""What states, evidence, steps and skills are called on the page."""

from core.i18n import _
from core.i18n import lazy as _l
from volunteers.evidence.rules import Fault
from volunteers.rules import EvidenceKind, Outcome, Period, Progress, Sex, Skill, Status, Step

STATUSES = {
    Status.APPLIED: _l("办理中"),
    Status.ACTIVE: _l("服务中"),
    Status.PAUSED: _l("休息中"),
    Status.EXPIRED: _l("已过期"),
    Status.SUSPENDED: _l("已暂停"),
    Status.BARRED: _l("不适合参加"),
    Status.EXITED: _l("已退出"),
}
STATUS_TONES = {
    Status.APPLIED: "info",
    Status.ACTIVE: "ok",
    Status.PAUSED: "",
    Status.EXPIRED: "warn",
    Status.SUSPENDED: "danger",
    Status.BARRED: "danger",
    Status.EXITED: "",
}
IN_PLAIN_WORDS = {
    Status.APPLIED: _l("您已报名。下面几步办好，就能和孩子见面了。"),
    Status.ACTIVE: _l("手续齐全，您可以参加走访了。"),
    Status.PAUSED: _l("您正在休息，这段时间不会安排走访。"),
    Status.EXPIRED: _l("有手续到期了，更新好之前不能参加走访。"),
    Status.SUSPENDED: _l("您的服务已暂停，请先不要参加任何走访，县中心会联系您。"),
    Status.BARRED: _l("您目前不适合参加这项服务。如有异议，可以向县中心提出。"),
    Status.EXITED: _l("您已退出，谢谢您走过的路。想回来时，重新报名就行。"),
}
EVIDENCE = {
    EvidenceKind.IDENTITY: _l("身份核验"),
    EvidenceKind.SCREENING: _l("入职查询"),
    EvidenceKind.TRAINING: _l("上岗培训"),
    EvidenceKind.PLEDGE: _l("承诺书"),
    EvidenceKind.INSURANCE: _l("意外保险"),
    EvidenceKind.REFERENCES: _l("推荐人意见"),
    EvidenceKind.INTERVIEW: _l("面谈"),
    EvidenceKind.STUDENT: _l("学生身份"),
}
OUTCOMES = {Outcome.CLEAR: _l("已通过"), Outcome.HIT: _l("有记录")}
SEXES = {Sex.FEMALE: _l("女"), Sex.MALE: _l("男")}
SKILLS = {
    Skill.HOMEWORK: _l("辅导作业"),
    Skill.READING: _l("一起阅读"),
    Skill.SPORTS: _l("体育运动"),
    Skill.ART: _l("美术音乐"),
    Skill.COMPANY: _l("聊天陪伴"),
    Skill.SAFETY: _l("安全教育"),
    Skill.ONLINE_HABITS: _l("上网习惯"),
    Skill.CAREER: _l("升学就业"),
    Skill.FAMILY_CALL: _l("帮忙连线家人"),
}
PERIODS = {
    Period.ALWAYS: _l("全年"),
    Period.TERM: _l("学期中"),
    Period.BREAK: _l("寒暑假"),
}
WEEKDAYS = (
    _l("周一"),
    _l("周二"),
    _l("周三"),
    _l("周四"),
    _l("周五"),
    _l("周六"),
    _l("周日"),
)
STEPS = {
    Step.PROFILE: _l("完善资料"),
    Step.PLEDGE: _l("签承诺书"),
    Step.IDENTITY: _l("身份核验"),
    Step.SCREENING: _l("入职查询"),
    Step.TRAINING: _l("上岗培训"),
    Step.INSURANCE: _l("意外保险"),
    Step.REFERENCES: _l("推荐人意见"),
    Step.INTERVIEW: _l("面谈"),
    Step.STUDENT: _l("证明学生身份"),
    Step.ACTIVATION: _l("正式上岗"),
}
STEP_HINTS = {
    Step.PROFILE: _l("性别、出生年份和每周空闲时间"),
    Step.PLEDGE: _l("读一遍与孩子相处的规矩，然后签名"),
    Step.IDENTITY: _l("带上身份证，在县中心当面核对"),
    Step.SCREENING: _l("由县中心向公安机关查询，您不用跑"),
    Step.TRAINING: _l("参加县中心组织的上岗培训"),
    Step.INSURANCE: _l("由县中心为您投保"),
    Step.REFERENCES: _l("县中心向两位了解您的人打听"),
    Step.INTERVIEW: _l("和县中心的人当面谈一次"),
    Step.STUDENT: _l("用校园邮箱、学校名册或老师担保"),
    Step.ACTIVATION: _l("县级协调员核对无误后确认"),
}
WHAT_OTHERS_DO = {
    Step.IDENTITY: _l("县中心正在约您做身份核验，请带上身份证。"),
    Step.SCREENING: _l("县中心正在办理入职查询，出结果后这里会更新。"),
    Step.TRAINING: _l("县中心正在安排上岗培训，时间定了会通知您。"),
    Step.INSURANCE: _l("县中心正在为您办理意外保险。"),
    Step.REFERENCES: _l("县中心正在联系您的推荐人。"),
    Step.INTERVIEW: _l("县中心会约您面谈，时间定了会通知您。"),
    Step.ACTIVATION: _l("手续齐了，等县级协调员最后确认。"),
}
FAULTS = {
    Fault.IN_THE_FUTURE: _l("日期还没到，请填已经办完的日期"),
    Fault.LONG_AGO: _l("日期太早了，请检查年份"),
    Fault.NO_REFERENCE: _l("请填写编号或办理方式，便于日后查对"),
    Fault.ONLY_SCREENING_HITS: _l("只有入职查询会有“有记录”的结果"),
    Fault.NO_END: _l("请填写保险止期"),
    Fault.ENDS_BEFORE: _l("有效期早于办理日期，请检查"),
    Fault.TOO_LONG: _l("有效期太长了，请检查年份"),
    Fault.OVER: _l("这项证明已经过期，请办新的"),
    Fault.NOT_BY_HAND: _l("学生身份由本人在“学生身份”页证明，不在这里登记"),
}
HISTORY = {
    "apply": _l("报名参加"),
    "update_profile": _l("更新资料"),
    "record_evidence": _l("登记办理结果"),
    "void_evidence": _l("作废一条登记"),
    "sign_pledge": _l("签承诺书"),
    "active": _l("上岗"),
    "applied": _l("重新报名"),
    "paused": _l("开始休息"),
    "expired": _l("手续到期"),
    "suspended": _l("暂停服务"),
    "barred": _l("认定不适合参加"),
    "exited": _l("退出服务"),
}

DUTIES = (
    _l("每次走访前三天，和陪同人、监护人约好时间和地点"),
    _l("到场时看着大家签到，离开时签退；两个大人一直在一起"),
    _l("走访后 48 小时内写记录；有让人担心的，当场打 110，并马上报告"),
    _l("有人来不了，提前告诉县级协调员；少于两个大人就不去"),
    _l("不私下联系孩子和家人，不留联系方式，不送礼物"),
)
"""What the leader of a team does."""


def lacking(progress: Progress) -> list[str]:
    """Return what stands against activation, in words."""
    found = [] if progress.profile else [_("资料不全：性别和出生年份")]
    held = progress.clearance
    found += [_("还没有：%(what)s", what=EVIDENCE[kind]) for kind in held.missing]
    found += [_("已过期：%(what)s", what=EVIDENCE[kind]) for kind in held.expired]
    found += [_("有记录：%(what)s", what=EVIDENCE[kind]) for kind in held.hits]
    return found
