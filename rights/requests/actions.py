"""Rights requests that wait, for those who bring them to an end."""

from flask import url_for

from accounts.rules import Actor
from core import clock
from core.actions import Action
from core.i18n import _
from rights.requests import queries
from rights.requests.services import WORKING


def next_actions(person: Actor) -> list[Action]:
    if not person.has(*WORKING):
        return []
    waiting, late = queries.waiting(person, clock.today())
    if not waiting:
        return []
    url = url_for("rights.listing")
    if late:
        return [
            Action(10, _("超期的权利请求"), url, _("法定的期限已经过了，请马上办"), late, "danger")
        ]
    return [
        Action(20, _("待办的权利请求"), url, _("三个工作日内答复，十五个工作日内办完"), waiting)
    ]
