"""Impact assessments that wait for a review or an approval."""

from flask import url_for

from accounts.rules import Actor
from core import clock
from core.actions import Action
from core.i18n import _
from rights.assessments import queries
from rights.assessments.services import APPROVERS, WRITERS


def next_actions(person: Actor) -> list[Action]:
    found, url = [], url_for("assessments.listing")
    due = queries.due(clock.today()) if person.has(*WRITERS) else 0
    if due:
        found.append(
            Action(20, _("该复核的影响评估"), url, _("批准满一年，看看还对不对"), due, "warn")
        )
    drafts = queries.to_approve(person.id) if person.has(*APPROVERS) else 0
    if drafts:
        found.append(Action(30, _("等批准的影响评估"), url, _("别人写的，请核对"), drafts))
    return found
