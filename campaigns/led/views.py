"""The page for the big screen of a hall: nothing to press, nothing kept, nobody signed in."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns import labels, queries
from campaigns.led.queries import screen
from campaigns.posters.queries import known
from campaigns.posters.rules import tagged
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
    tag = known(campaign.id, request.args.get("from", ""))
    return render_template(
        "led/show.html",
        campaign=campaign,
        screen=screen(campaign),
        address=address.partition("://")[2],
        code=drawn(tagged(address, tag), campaign.title),
        labels=labels,
        now=clock.now(),
    )
