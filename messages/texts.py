"""The words of messages: templates/messages/<kind>.txt, the subject first, in any language."""

from typing import Any

from flask import current_app, url_for
from jinja2 import TemplateError

from core.config import Settings
from core.i18n import ENGLISH_PREFIX
from messages.channels.rules import Text


def render(kind: str, language: str, params: dict[str, Any]) -> Text:
    """Return the text of a message. Raises ValueError when its template cannot be filled."""
    settings: Settings = current_app.extensions["settings"]
    base = settings.site_url + (ENGLISH_PREFIX if language == "en" else "")
    with current_app.test_request_context("/", base_url=base):
        text = render_here(kind, params)
        frame = current_app.jinja_env.get_template("messages/_frame.txt")
        return Text(text.subject, f"{text.body}\n{frame.render(link=link).strip()}\n")


def render_here(kind: str, params: dict[str, Any]) -> Text:
    """Return the text as a page of the present request shows it. Raises ValueError.

    `parts`, each a kind and its params, are what a message made of others says.
    """
    texts = [render_here(*part) for part in params.get("parts", ())]
    try:
        template = current_app.jinja_env.get_template(f"messages/{kind}.txt")
        whole = template.render(**params, texts=texts, link=link)
    except (TemplateError, LookupError, TypeError, ValueError) as error:
        raise ValueError(type(error).__name__) from error
    subject, _blank, body = whole.strip().partition("\n")
    return Text(" ".join(subject.split()), body.strip() + "\n")


def link(endpoint: str, **values: object) -> str:
    """Return the whole address of a page, for a mail."""
    return url_for(endpoint, **values, _external=True)  # type: ignore[arg-type]  # values of a route
