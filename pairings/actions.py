"""What waits on the pairing board and in pairings, for each role."""

from collections.abc import Sequence

from flask import url_for

from accounts.rules import Actor, Role
from core.actions import Action
from core.db import AnyRow
from core.i18n import _
from pairings import queries
from pairings.board.queries import number_ready
from pairings.desk.queries import numbers, to_sign
from pairings.letters.actions import next_actions as of_letters
from pairings.queries import Tab
from pairings.reviews import queries as reviews
from pairings.voices.actions import next_actions as of_voices


def next_actions(person: Actor) -> list[Action]:
    found = []
    if person.has(Role.COORDINATOR):
        found += _to_pair(person)
    if person.has(Role.COORDINATOR, Role.SAFEGUARDING_LEAD):
        found += _to_decide(person) + _to_rearrange(person)
    found += _work(person) + of_voices(person) + of_letters(person)
    if person.has(Role.VOLUNTEER, Role.TEAM_LEADER):
        found += _own(person)
    return found


def _to_pair(person: Actor) -> list[Action]:
    number = number_ready(person)
    if not number:
        return []
    url = url_for("pairings.board")
    return [Action(20, _("等待结对的孩子"), url, _("同意齐全，可以选小组了"), number, "accent")]


def _to_decide(person: Actor) -> list[Action]:
    number = queries.to_decide(person)
    if not number:
        return []
    url = url_for("pairings.listing", tab=Tab.MINE_TO_DECIDE)
    return [
        Action(10, _("等您审批的结对"), url, _("由另一位同事提出，请核对后决定"), number, "warn")
    ]


def _work(person: Actor) -> list[Action]:
    """Return what keeps pairings waiting on their way, the families' answers first."""
    said = {
        Tab.ASK: (10, _("等征求意见的结对"), _("分别问监护人和孩子愿不愿意")),
        Tab.SIGN: (15, _("等签协议的结对"), _("每一方都签同一版")),
        Tab.INTRO: (15, _("等安排首访的结对"), _("由当地陪同人带着见面")),
        Tab.PART: (20, _("等告别的结对"), _("安排告别走访，写好交接")),
        Tab.REVIEW: (40, _("等回顾的结对"), _("哪里做得好，哪里要改")),
    }
    return [
        Action(order, title, url_for("pairings.listing", tab=tab), detail, many)
        for tab, many in numbers(person).items()
        if many
        for order, title, detail in [said[tab]]
    ]


def _to_rearrange(person: Actor) -> list[Action]:
    number = reviews.number(person)
    if not number:
        return []
    url = url_for("pairings.listing", tab=Tab.REARRANGE)
    detail = _("小组不足两名大人：换一组、先暂停，或好好告别")
    return [Action(10, _("要重新安排的孩子"), url, detail, number, "danger")]


def _own(person: Actor) -> list[Action]:
    mine = queries.accompanied(person)
    if not mine:
        return []
    unsigned = to_sign(person)
    if unsigned:
        url = url_for("agreements.show", uid=unsigned)
        words = _("监护人和孩子都同意了，请看协议并签字")
        return [Action(10, _("请签结对协议"), url, words), *_accompanied(mine)]
    return _accompanied(mine)


def _accompanied(mine: Sequence[AnyRow]) -> list[Action]:
    if len(mine) > 1:
        url = url_for("pairings.listing")
        return [Action(30, _("我陪伴的孩子"), url, _("看看约定和注意事项"), len(mine))]
    url = url_for("pairings.show", uid=mine[0].uid)
    return [
        Action(30, _("我陪伴的孩子：%(alias)s", alias=mine[0].alias), url, _("看看约定和注意事项"))
    ]
