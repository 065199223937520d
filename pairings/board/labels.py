"""How the board calls factors, rules, signs and the reasons of a run."""

from core.i18n import _
from core.i18n import lazy as _l
from pairings.board.live.queries import signs_of
from pairings.board.live.rules import Sign
from pairings.board.options.rules import Option
from pairings.board.queries import Waiting
from pairings.board.rules import Show
from pairings.labels import CODES, FACTORS
from pairings.matching.model import Code
from pairings.matching.pricing import Ground

SHOWS = {
    Show.PROPOSED: _l("有提议的"),
    Show.NOBODY: _l("算过还没有人的"),
    Show.LACKING: _l("还缺同意的"),
}
SIGNS = {
    Sign.SHORT: _l("小组不足两名大人"),
    Sign.CITY_KEY: _l("等市级审批"),
    Sign.LAPSED: _l("有成员手续过期"),
    Sign.LAPSING: _l("有成员手续快到期"),
    Sign.ENDS: _l("约定快到期"),
    Sign.PAUSED: _l("暂停"),
    Sign.RENEWING: _l("正在续期"),
    Sign.ENDING: _l("即将结束"),
}
SIGN_TONES = {
    Sign.SHORT: "danger",
    Sign.CITY_KEY: "danger",
    Sign.LAPSED: "danger",
    Sign.LAPSING: "warn",
    Sign.ENDS: "warn",
    Sign.PAUSED: "warn",
    Sign.RENEWING: "info",
    Sign.ENDING: "warn",
}
GROUNDS = {
    Ground.URGENCY: _l("名额给了更急的孩子"),
    Ground.TAKEN: _l("名额给另一个孩子更合适"),
    Ground.POINTS: _l("给这个孩子的提议更合适"),
}
MOST_RULES = 3
UNTHINKABLE = 3000
"""From so many points on a loss means that somebody is not served at all."""


def why_not(option: Option) -> str:
    """Return in words why the run does not propose a team, and what it would cost to take it."""
    if option.ground not in GROUNDS:
        return ""
    reason = str(GROUNDS[option.ground])
    if option.loss <= 0:
        return reason
    if option.loss >= UNTHINKABLE:
        return _("%(reason)s；硬要选它，会有更急的孩子落空", reason=reason)
    return _("%(reason)s；硬要选它，全县至少少 %(n)d 分", reason=reason, n=option.loss)


def nobody_words(waiting: Waiting) -> list[str]:
    """Return in words why the run has found nobody for a child, what stands in the way first."""
    if waiting.nobody is None:
        return []
    why = waiting.nobody.why
    told = []
    if not why["feasible"]:
        told.append(_("没有一个小组能来"))
    else:
        told.append(_("能来的有 %(n)d 组，名额都给了更急或更合适的孩子", n=why["feasible"]))
    told += [
        _("%(n)d 组：%(rule)s", n=many, rule=str(CODES[Code(code)]))
        for code, many in why["removed"][:MOST_RULES]
    ]
    told += [
        _("只放宽“%(rule)s”一条，就有 %(n)d 组能来", n=many, rule=str(CODES[Code(code)]))
        for code, many in why["alone"][:1]
    ]
    if why["nearest"] is not None:
        told.append(_("最近的一组再肯多走 %(n)d 分钟就能来", n=why["nearest"]))
    if why["places"] is not None:
        told.append(_("再有 %(n)d 个名额，就轮到这个孩子", n=why["places"]))
    return told


BOARD_WORDS = {
    "codes": CODES,
    "factors": FACTORS,
    "sign_tones": SIGN_TONES,
    "signs": SIGNS,
    "signs_of": signs_of,
    "why_not": why_not,
}
