"""What waits at a centre: wishes to look at, donors to call, parcels to hand over."""

from flask import url_for

from accounts.rules import Actor, Role
from campaigns.wishes.desk import queries as desk
from campaigns.wishes.making import queries as making
from campaigns.wishes.queries import CENTRE
from core.actions import Action
from core.i18n import _


def next_actions(person: Actor) -> list[Action]:
    """Return what waits, each with the list of exactly those wishes or claims."""
    if not person.has(*CENTRE):
        return []
    wishes, parcels = making.counts(person), desk.counts(person)
    returned = wishes["returned"] if person.has(Role.COORDINATOR) else 0
    listed = [
        (10, _("请打电话核实心愿认领"), "call", parcels["call"], _("只留了电话，到时就让给别人")),
        (20, _("请确认心愿已转交"), "hand", parcels["hand"], _("东西是另一个人收下的")),
        (30, _("心愿快到期还没送来"), "soon", parcels["soon"], _("三天内到期，过期让给别人")),
    ]
    made = [
        (20, _("等您核准的微心愿"), "approve", wishes["approve"], _("看看写的只有东西，没有孩子")),
        (20, _("被退回的微心愿"), "returned", returned, _("看看理由，改好再提交")),
    ]
    tone = {"call": "accent"}
    return [
        *(
            Action(order, title, url_for("wish_desk.listing", show=tab), detail, count,
                   tone.get(tab, ""))
            for order, title, tab, count, detail in listed
            if count
        ),
        *(
            Action(order, title, url_for("manage_wishes.listing", show=tab), detail, count)
            for order, title, tab, count, detail in made
            if count
        ),
    ]  # fmt: skip
