"""The words of messages: templates/messages/<kind>.txt, the subject first, in any language."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, url_for
from jinja2 import TemplateError

from core.config import Settings
from core.i18n import ENGLISH_PREFIX
from messages.channels.rules import Text
from messages.desk.rules import SAMPLES, SECRET


def render(kind: str, language: str, params: dict[str, Any]) -> Text:
    """Return the text of a message. Raises ValueError when its template cannot be filled."""
    with speaking(language):
        text = render_here(kind, params)
        frame = current_app.jinja_env.get_template("messages/_frame.txt")
        return Text(text.subject, f"{text.body}\n{frame.render(link=link).strip()}\n")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let addresses and words of the block be those of a reader of that language."""
    settings: Settings = current_app.extensions["settings"]
    base = settings.site_url + (ENGLISH_PREFIX if language == "en" else "")
    with current_app.test_request_context("/", base_url=base):
        yield


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


def preview(kind: str) -> Text:
    """Return how a kind of message reads in the present language, filled with invented values."""
    names = ("link_secret", "claim_secret", "mail_secret")
    env = current_app.jinja_env.overlay()
    env.filters = env.filters | dict.fromkeys(names, lambda *_given: SECRET)
    text = env.get_template(f"messages/{kind}.txt").render(**SAMPLES, link=link)
    subject, _blank, body = text.strip().partition("\n")
    return Text(" ".join(subject.split()), body.strip())


def link(endpoint: str, **values: object) -> str:
    """Return the whole address of a page, for a mail."""
    return url_for(endpoint, **values, _external=True)  # type: ignore[arg-type]  # values of a route
