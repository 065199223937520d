"""Seeing the faces of a campaign as a visitor does: by the site's own front door."""

from collections.abc import Iterator

from flask import Flask, current_app
from markupsafe import Markup

from campaigns.cards.texts import card_of
from campaigns.posters.drawing import drawn
from campaigns.posters.texts import poster_of
from campaigns.queries import edition
from campaigns.stories.proofs.rules import MISSING, Answer
from core.config import Settings
from core.errors import NotYours
from core.fences import NOTHING, seeing
from core.i18n import ENGLISH_PREFIX

PAGES = {"page": "", "led": "/led", "report": "/report"}


def visit(slug: str, picture: str) -> dict[str, Answer]:
    """Return what comes back for each face of a campaign, in both languages.

    Pages are asked for as anybody would, kept copies included. A card is a picture and a poster a
    file: of them what is drawn is read, too.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    answers = dict(_faces(app, slug))
    if picture:
        answers[f"picture {picture}"] = _asked(app, picture)
    return answers


def _faces(app: Flask, slug: str) -> Iterator[tuple[str, Answer]]:
    for prefix in ("", ENGLISH_PREFIX):
        at = f"{prefix}/campaigns/{slug}"
        for face, end in PAGES.items():
            yield f"{face} {at}{end}", _asked(app, at + end)
        words, poster = _drawn(app, slug, prefix)
        card = _asked(app, f"{at}/card.png")
        yield f"card {at}/card.png", Answer(card.status, card.body, words)
        yield f"poster {at}", poster


def _asked(app: Flask, path: str) -> Answer:
    settings: Settings = app.extensions["settings"]
    with app.app_context():  # of its own, as each request has
        answer = app.test_client(use_cookies=False).get(path, base_url=settings.site_url)
    body = answer.get_data()
    is_page = answer.mimetype == "text/html"
    read = Markup(body.decode()).striptags() if is_page else ""  # noqa: S704 - only read
    return Answer(answer.status_code, body, read)


def _drawn(app: Flask, slug: str, prefix: str) -> tuple[str, Answer]:
    """Return the words of the card, and the poster with its own."""
    settings: Settings = app.extensions["settings"]
    root = {"SCRIPT_NAME": prefix}
    with (
        app.app_context(),
        app.test_request_context(base_url=settings.site_url, environ_overrides=root),
        seeing(NOTHING),
    ):
        try:
            campaign = edition(slug)
        except NotYours:
            return "", Answer(MISSING, b"", "")
        card, poster = card_of(campaign), poster_of(campaign, "")
        words = "\n".join(card.texts) if card else ""
        return words, Answer(200, drawn(poster, "a4"), "\n".join(poster.texts))
