"""What a campaign will look like, before anybody else sees it; and a text as its page shows it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.counties.queries import counties, ordered
from campaigns.manage import queries
from campaigns.manage.rules import WORKING
from campaigns.queries import as_if_open
from campaigns.views import page_of
from core.access import allow
from core.richtext import cleaned, shown

bp = Blueprint("preview", __name__)
LONGEST = 6000


@bp.get("/manage/campaigns/<uid>/preview")
@allow(*WORKING)
def show(uid: str) -> ResponseReturnValue:
    """Show the public page as it would be on the first day of recruiting."""
    campaign = queries.campaign(uid, person())
    edition = as_if_open(campaign.id)
    page = page_of(edition, ordered(counties(edition), "")) | {"preview": campaign}
    return render_template("campaigns/show.html", **page)


@bp.post("/manage/preview-text")
@allow(Role.EDITOR)
def text() -> ResponseReturnValue:
    """Return a part of a page: the text that was sent, as the public page would show it."""
    return str(shown(cleaned(request.form.get("text", "")[:LONGEST])))
