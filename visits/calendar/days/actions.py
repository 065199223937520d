"""What waits for those who keep the calendar of days."""

from flask import url_for

from accounts.rules import Actor, Role
from core.actions import Action
from core.i18n import _
from places.days.queries import doubtful


def next_actions(person: Actor) -> list[Action]:
    """Ask the city to settle what is only expected of the days ahead."""
    if not person.has(Role.CITY_COORDINATOR):
        return []
    found = doubtful()
    if not found:
        return []
    url = url_for("days.holidays", show="doubt")
    detail = _("未来 90 天的放假和补班安排；公布以后请逐日核实")
    return [Action(20, _("待核实的放假和补班"), url, detail, len(found.days) or None)]
