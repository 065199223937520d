"""Who tells a child that a pairing ends, and in what words for its age."""

from children.rules import AgeBand
from core.i18n import lazy as _l
from pairings.endings.rules import Explainer

EXPLAINERS = {
    Explainer.TEAM: _l("志愿者"),
    Explainer.DIRECTOR: _l("儿童主任"),
    Explainer.GUARDIAN: _l("监护人"),
    Explainer.TEACHER: _l("老师"),
}
SMALL = _l(
    "对小的孩子：“哥哥姐姐再来一次就不来了。不是因为你不乖，是他们要去别的地方了。”"
    "用日历指给孩子看还有几天。"
)
MIDDLE = _l(
    "对上学的孩子：“他们到哪天为止，为什么不能再来。不是你的错。你想怎么和他们告别？”"
    "讲清以后有没有人来，不许做不到的愿。"
)
GROWN = _l(
    "对大的孩子：直说原因和日期，问他有什么想说、想问的，想不想换人陪伴；不想，也可以。"
    "告诉他以后有事找谁。"
)
PROMPTS = {AgeBand.A0_2: SMALL, AgeBand.A3_5: SMALL, AgeBand.A6_7: SMALL} | dict.fromkeys(
    (AgeBand.A8_10, AgeBand.A11_13), MIDDLE
)


def prompt(age_band: AgeBand) -> str:
    """Return words for telling a child of that age."""
    return str(PROMPTS.get(age_band, GROWN))
