"""What guardians have just said over a link, for those who answer for the child."""

from flask import url_for

from accounts.rules import Actor
from children.consents.links import queries
from children.consents.services import ENTERING
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    if not person.has(*ENTERING):
        return []
    found = queries.answered_lately(person)
    if not found:
        return []
    first = url_for("children.show", uid=found[0])
    detail = _("监护人用链接说了不同意或撤回，请看看还有什么要做")
    return [Action(10, _("监护人的新答复"), first, detail, len(found), "warn")]
