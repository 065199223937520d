"""The picture that stands beside a link to a campaign in a chat."""

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from campaigns import queries
from campaigns.cards.services import kept
from campaigns.cards.texts import card_of
from core.access import EVERYONE, allow
from core.config import Settings
from core.errors import NotYours
from core.i18n import locale

bp = Blueprint("cards", __name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
    # a chat in a browser shows it on a page of its own
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@bp.get("/campaigns/<slug>/card.png")
@allow(EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    campaign = queries.edition(slug)
    card = card_of(campaign)
    if campaign.halted or card is None:
        raise NotYours
    settings: Settings = current_app.extensions["settings"]
    name = f"{campaign.slug}.{locale()}"
    body = kept(settings.home / "cards", name, campaign.version, card)
    return Response(body, content_type="image/png", headers=HEADERS)
