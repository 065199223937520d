"""The page for the big screen of a hall: nothing to press, nothing kept, nobody signed in."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from campaigns import labels, queries
from campaigns.led.queries import screen
from core import clock
from core.access import EVERYONE, allow
from core.codes import drawn, outside

bp = Blueprint("led", __name__)


@bp.get("/campaigns/<slug>/led")
@allow(EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    campaign = queries.edition(slug)
    if campaign.halted:
        return render_template("led/halted.html", campaign=campaign)
    address = outside(url_for("campaigns.show", slug=slug))
    return render_template(
        "led/show.html",
        campaign=campaign,
        screen=screen(campaign),
        address=address.partition("://")[2],
        code=drawn(address, campaign.title),
        labels=labels,
        now=clock.now(),
    )
