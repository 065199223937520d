"""Words for teams: why one is let go, why two people are not to be one, what a leader does."""

from core.i18n import lazy as _l
from volunteers.teams.rules import Parting, Refusal

PARTINGS = {
    Parting.MISTAKE: _l("组错了"),
    Parting.REARRANGED: _l("重新分组"),
    Parting.LEAVING: _l("有人要离开"),
    Parting.NOT_GETTING_ON: _l("合不来（以后不再配成一对）"),
    Parting.SAFEGUARDING: _l("安全方面的考虑"),
    Parting.OTHER: _l("其他"),
}
REFUSALS = {
    Refusal.SAID_NO: _l("其中一位不愿意"),
    Refusal.NOT_GETTING_ON: _l("合不来"),
    Refusal.RELATED: _l("两人是亲属或恋人"),
    Refusal.OTHER: _l("其他"),
}
DUTIES = (
    _l("每次走访前三天，和陪同人、监护人约好时间和地点"),
    _l("到场时看着大家签到，离开时签退；两个大人一直在一起"),
    _l("走访后 48 小时内写记录；有让人担心的，当场打 110，并马上报告"),
    _l("有人来不了，提前告诉县级协调员；少于两个大人就不去"),
    _l("不私下联系孩子和家人，不留联系方式，不送礼物"),
)
