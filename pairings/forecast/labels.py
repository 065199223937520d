"""Words for why pairings will end, and for what to do about it."""

from core.i18n import lazy as _l
from pairings.forecast.rules import Next, Why

WHY = {
    Why.AGREEMENT: _l("约定到期"),
    Why.STUDIES: _l("成员毕业或学期结束"),
    Why.CLEARANCE: _l("成员手续到期"),
}
NEXT = {
    Next.GOODBYE: _l("安排告别走访"),
    Next.HANDOVER: _l("写好交接，再结束"),
    Next.RENEWING: _l("完成续期"),
    Next.RENEW: _l("续期，或开始结束"),
    Next.GO_ON: _l("先恢复陪伴再续期，或开始结束"),
    Next.MEMBER: _l("问成员能不能继续，或找人接手"),
    Next.CHECKS: _l("请成员补办手续"),
}
