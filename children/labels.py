"""What states, needs, risks and findings are called on the page."""

from collections.abc import Iterable

from children.rules import AgeBand, Category, Finding, Need, NeedState, Risk, Step, Stretch
from core.i18n import lazy as _l

STATES = {
    NeedState.REPORTED: _l("待核实"),
    NeedState.VERIFIED: _l("待评估"),
    NeedState.OPEN: _l("等待结对"),
    NeedState.MATCHED: _l("已结对"),
    NeedState.MET: _l("需求已满足"),
    NeedState.WITHDRAWN: _l("已撤销"),
    NeedState.AGED_OUT: _l("已成年"),
}
STATE_TONES = {
    NeedState.REPORTED: "warn",
    NeedState.VERIFIED: "info",
    NeedState.OPEN: "accent",
    NeedState.MATCHED: "ok",
    NeedState.MET: "",
    NeedState.WITHDRAWN: "",
    NeedState.AGED_OUT: "",
}
STEPS = {
    Step.TO_VERIFY: _l("待核实"),
    Step.SENT_BACK: _l("已退回"),
    Step.TO_OPEN: _l("待评估"),
    Step.OPEN: _l("等待结对"),
    Step.MATCHED: _l("已结对"),
    Step.CLOSED: _l("已结束"),
}
SEXES = {True: _l("女孩"), False: _l("男孩")}
AGES = {
    AgeBand.A0_2: _l("0–2 岁"),
    AgeBand.A3_5: _l("3–5 岁"),
    AgeBand.A6_7: _l("6–7 岁"),
    AgeBand.A8_10: _l("8–10 岁"),
    AgeBand.A11_13: _l("11–13 岁"),
    AgeBand.A14_15: _l("14–15 岁"),
    AgeBand.A16_17: _l("16–17 岁"),
}
CATEGORIES = {
    Category.LEFT_BEHIND: _l("留守儿童"),
    Category.IN_DIFFICULTY: _l("困境儿童"),
    Category.ORPHAN: _l("孤儿"),
    Category.DE_FACTO_UNSUPPORTED: _l("事实无人抚养儿童"),
    Category.MIGRANT: _l("流动儿童"),
}
RISKS = {
    Risk.LOW: _l("低"),
    Risk.MID_LOW: _l("中低"),
    Risk.MID_HIGH: _l("中高"),
    Risk.HIGH: _l("高"),
}
RISK_TONES = {Risk.LOW: "ok", Risk.MID_LOW: "info", Risk.MID_HIGH: "warn", Risk.HIGH: "danger"}
RISK_TAGS = {
    Risk.LOW: _l("低风险"),
    Risk.MID_LOW: _l("中低风险"),
    Risk.MID_HIGH: _l("中高风险"),
    Risk.HIGH: _l("高风险"),
}
NEEDS = {
    Need.HOMEWORK: _l("辅导作业"),
    Need.READING: _l("一起阅读"),
    Need.SPORTS: _l("体育运动"),
    Need.ART: _l("美术音乐"),
    Need.COMPANY: _l("聊天陪伴"),
    Need.SAFETY: _l("安全教育"),
    Need.ONLINE_HABITS: _l("上网习惯"),
    Need.WARM_CLOTHES: _l("冬衣和眼镜"),
    Need.CAREER: _l("升学就业"),
    Need.FAMILY_CALL: _l("帮忙连线家人"),
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
FINDINGS = {
    Finding.ID_NUMBER: _l("这里像是写了身份证号，请删去"),
    Finding.PHONE: _l("这里像是写了电话号码，请删去"),
    Finding.ACCOUNT: _l("这里像是写了微信等账号，请删去"),
    Finding.SCHOOL: _l("这里像是写了学校或班级，请删去"),
}
CHECKED = {
    "girl": _l("性别"),
    "age_band": _l("年龄段"),
    "category": _l("类别"),
    "risk": _l("风险等级"),
}


def needs(values: list[str]) -> list[str]:
    """Return the needs of a file in words; one that has left the list is left out."""
    return [NEEDS[Need(value)] for value in values if value in set(Need)]


def times(stretches: Iterable[Stretch]) -> list[str]:
    """Return times of the week as people say them: 周六 9:00–18:00."""
    return [f"{WEEKDAYS[one.weekday]} {_clock(one.start)}–{_clock(one.end)}" for one in stretches]


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
