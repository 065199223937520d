"""The pictures of a campaign for chats: beside its link, and for whoever has signed up."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from campaigns import queries
from campaigns.cards.drawing import drawn
from campaigns.cards.joined.drawing import drawn as drawn_joined
from campaigns.cards.joined.texts import joined_of
from campaigns.cards.services import kept
from campaigns.cards.texts import card_of
from campaigns.queries import Edition
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
    return _picture(campaign, "", lambda: drawn(card))


@bp.get("/campaigns/<slug>/joined.png")
@allow(EVERYONE)
def joined(slug: str) -> ResponseReturnValue:
    """Give out what somebody shows who has signed up: the same for everybody, and of nobody."""
    campaign = queries.edition(slug)
    card = joined_of(campaign)
    if campaign.halted or card is None:
        raise NotYours
    return _picture(campaign, "joined.", lambda: drawn_joined(card))


def _picture(campaign: Edition, kind: str, draw: Callable[[], bytes]) -> Response:
    settings: Settings = current_app.extensions["settings"]
    name = f"{campaign.slug}.{kind}{locale()}"
    body = kept(settings.home / "cards", name, campaign.version, draw=draw)
    return Response(body, content_type="image/png", headers=HEADERS)
