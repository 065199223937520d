"""What waits in children's files, for each role."""

from flask import url_for

from accounts.rules import Actor, Role
from children import queries
from children.consents.links import actions as answers
from children.rules import Step
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    found = answers.next_actions(person)
    if person.has(Role.CHILD_DIRECTOR):
        found += _of_director(person)
    if person.has(Role.CHILD_SUPERVISOR):
        found += _of_supervisor(person)
    if person.has(Role.COORDINATOR):
        found += _of_coordinator(person)
    return found


def _of_director(person: Actor) -> list[Action]:
    conditions = (queries.at_step(Step.SENT_BACK), queries.without_consent())
    back, lacking = queries.waiting(person, *conditions, roles=[Role.CHILD_DIRECTOR])
    found = []
    if back:
        url = url_for("children.listing", state=Step.SENT_BACK)
        found.append(Action(10, _("退回的上报"), url, _("补充后再交督导员核实"), back, "warn"))
    if lacking:
        url = url_for("children.listing", consent="lacking")
        found.append(
            Action(20, _("还缺同意的孩子"), url, _("问过家长和孩子，把答复登记下来"), lacking)
        )
    return found


def _of_supervisor(person: Actor) -> list[Action]:
    condition = queries.at_step(Step.TO_VERIFY)
    (number,) = queries.waiting(person, condition, roles=[Role.CHILD_SUPERVISOR])
    if not number:
        return []
    url = url_for("children.listing", state=Step.TO_VERIFY)
    return [Action(20, _("等您核实的上报"), url, _("村里新报的孩子，10 个工作日内核实"), number)]


def _of_coordinator(person: Actor) -> list[Action]:
    condition = queries.at_step(Step.TO_OPEN)
    (number,) = queries.waiting(person, condition, roles=[Role.COORDINATOR])
    if not number:
        return []
    url = url_for("children.listing", state=Step.TO_OPEN)
    return [Action(20, _("等您评估的孩子"), url, _("评估后开放，孩子才能结对"), number)]
