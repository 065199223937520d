"""What waits for coordinators: certificates that somebody has asked for."""

from flask import url_for

from accounts.rules import Actor
from core.actions import Action
from core.i18n import _
from volunteers.certificates.queries import waiting


def next_actions(person: Actor) -> list[Action]:
    number = waiting(person)
    if not number:
        return []
    detail = _("核对时长，开出或说明为什么不开")
    return [Action(30, _("申请时长证明的志愿者"), url_for("certificates.listing"), detail, number)]
