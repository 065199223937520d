"""The texts of consent, for everybody to read and to print: they say nothing of any child."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from children.consents.texts import queries
from children.consents.texts.rules import ABOUT
from core.access import EVERYONE, allow

bp = Blueprint("consent_texts", __name__)


@bp.get("/consents")
@allow(EVERYONE)
def listing() -> ResponseReturnValue:
    versions, current = queries.versions(), queries.current_version()
    texts = {version: [queries.text(version, about) for about in ABOUT] for version in versions}
    return render_template("consents/texts.html", texts=texts, current=current)


@bp.get("/consents/<version>/<about>")
@allow(EVERYONE)
def show(version: str, about: str) -> ResponseReturnValue:
    text = queries.text(version, about)
    original = queries.original(version, about) or text
    return render_template(
        "consents/text.html", text=text, original=original, current=queries.current_version()
    )
