"""Erasures that wait for a second person."""

from flask import url_for

from accounts.rules import Actor
from core import clock
from core.actions import Action
from core.i18n import _
from rights.erasures import queries


def next_actions(person: Actor) -> list[Action]:
    if not person.has(*queries.READERS):
        return []
    waiting = queries.for_another(person, clock.today())
    if not waiting:
        return []
    url = url_for("erasures.listing")
    return [Action(20, _("等另一个人执行的删除"), url, _("别人提出的，请核对后执行"), waiting)]
