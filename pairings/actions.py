"""What waits on the pairing board and in pairings, for each role."""

from flask import url_for

from accounts.rules import Actor, Role
from core.actions import Action
from core.i18n import _
from pairings import queries
from pairings.board.queries import number_ready
from pairings.queries import Tab
from pairings.reviews import queries as reviews


def next_actions(person: Actor) -> list[Action]:
    found = []
    if person.has(Role.COORDINATOR):
        found += _to_pair(person)
    if person.has(Role.COORDINATOR, Role.SAFEGUARDING_LEAD):
        found += _to_decide(person) + _to_review(person)
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


def _to_review(person: Actor) -> list[Action]:
    number = reviews.number(person)
    if not number:
        return []
    url = url_for("pairings.listing", tab=Tab.REVIEW)
    detail = _("小组不足两名大人：换一组、先暂停，或好好告别")
    return [Action(10, _("要重新安排的孩子"), url, detail, number, "danger")]


def _own(person: Actor) -> list[Action]:
    mine = queries.accompanied(person)
    if not mine:
        return []
    if len(mine) > 1:
        url = url_for("pairings.listing")
        return [Action(30, _("我陪伴的孩子"), url, _("看看约定和注意事项"), len(mine))]
    url = url_for("pairings.show", uid=mine[0].uid)
    return [
        Action(30, _("我陪伴的孩子：%(alias)s", alias=mine[0].alias), url, _("看看约定和注意事项"))
    ]
