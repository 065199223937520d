"""What runs, their states and their findings are called on the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.i18n import _
from core.i18n import lazy as _l
from pairings.labels import CODES
from pairings.matching.model import Code
from pairings.runs.rules import Fate, Refusal, State, Step

STATES = {
    State.WAITING: _l("等着开始"),
    State.RUNNING: _l("正在算"),
    State.READY: _l("算好了"),
    State.FAILED: _l("没有算成"),
    State.CANCELLED: _l("已取消"),
    State.EXPIRED: _l("已过期"),
}
TONES = {
    State.WAITING: "info",
    State.RUNNING: "info",
    State.READY: "ok",
    State.FAILED: "danger",
    State.CANCELLED: "",
    State.EXPIRED: "",
}
STEPS = {
    Step.WORLD: _l("看有哪些孩子和小组"),
    Step.PAIRS: _l("逐个孩子看哪些小组能来"),
    Step.SOLVE: _l("找总分最高的配法"),
    Step.PRICE: _l("核对有没有更好的"),
    Step.CHECK: _l("按原始数据重新核对证明"),
    Step.EXPLAIN: _l("写清谁还没有小组、为什么"),
}
FATES = {
    Fate.OPEN: _l("等您决定"),
    Fate.ACCEPTED: _l("已提出"),
    Fate.REFUSED: _l("不合适"),
    Fate.OUTDATED: _l("情况变了"),
    Fate.EXPIRED: _l("已过期"),
}
REFUSALS = {
    Refusal.RELATED: _l("有亲属或利害关系"),
    Refusal.KNOWN_TROUBLE: _l("以前有过不愉快"),
    Refusal.TOO_FAR: _l("路太远"),
    Refusal.NEEDS: _l("帮不上孩子需要的"),
    Refusal.OTHER: _l("其他"),
}


def codes(names: Sequence[str]) -> str:
    """Return the rules against a pair in words; a code of an older release is left out."""
    known = set(Code)
    return _("、").join(str(CODES[Code(name)]) for name in names if name in known)


def why_nobody(why: Mapping[str, Any], counties: Mapping[int | None, str]) -> list[str]:
    """Return in words why a child has nobody yet, and what would help."""
    if why["feasible"]:
        said = [_("有 %(n)d 个小组能来，但名额都给了更急或更合适的孩子", n=why["feasible"])]
        if why["places"]:
            where = counties.get(why["county"], "")
            said.append(_("%(where)s再多 %(n)d 个名额就轮得到", where=where, n=why["places"]))
        return said
    if not why["removed"]:
        return [_("附近还没有小组")]
    known = set(Code)
    near = [row for row in why["removed"] if row[0] != Code.REACH] or why["removed"]
    rows = [(code, many) for code, many in near[:3] if code in known]
    said = [_("%(why)s：%(n)d 个小组", why=CODES[Code(code)], n=many) for code, many in rows]
    if why["alone"] and why["alone"][0][0] in known:
        code, many = why["alone"][0]
        said.append(_("只差“%(why)s”这一条的有 %(n)d 个小组", why=CODES[Code(code)], n=many))
    if why["nearest"]:
        said.append(_("最近的一组还远 %(n)d 分钟", n=why["nearest"]))
    return said
