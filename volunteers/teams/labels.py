"""Words for teams: why one is let go, why two people are not to be one."""

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
