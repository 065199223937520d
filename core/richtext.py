"""Longer texts with a little form: headings, lists, bold, links to pages of ours.

People type plain lines; `## ` begins a heading, `- ` an item, `**…**` is bold, `[words](/page)` a
link. What they paste as HTML loses its tags when it is saved. What is shown is made of escaped
text by a few lines here and cleaned once more by nh3, which lets only these elements through:
two walls, each enough by itself. There is no other door from a text to Markup.
"""

import html
import re
from urllib.parse import urlsplit

import nh3
from flask import Flask, current_app
from markupsafe import Markup, escape

from core.access import own_page
from core.config import Settings

LONGEST = 20_000
TAGS = {"p", "h3", "ul", "li", "strong", "a"}
BOLD = re.compile(r"\*\*([^*\n]{1,400})\*\*")
LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(([^()\s]{1,400})\)")
SILENT = {"script", "style", "template", "iframe", "noscript", "title", "textarea"}
"""Elements whose content goes with them: it is nobody's words."""


def cleaned(text: str) -> str:
    """Return a text without any tags, as it may be kept; what is no HTML stays as it is."""
    text = text[:LONGEST]
    for _turn in range(5):  # what one turn unwraps may itself be wrapped
        if not nh3.is_html(text):
            return text
        bare = html.unescape(nh3.clean(text, tags=set(), clean_content_tags=SILENT))
        if bare == text:
            return text
        text = bare
    return text.replace("<", "＜").replace(">", "＞")


def shown(text: str) -> Markup:
    """Return a text as a page shows it."""
    made = "\n".join(_blocks(text[:LONGEST]))
    safe = nh3.clean(
        made,
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_only_ours,
        url_schemes={"http", "https"},
        link_rel="noopener nofollow",
    )
    return Markup(safe)  # noqa: S704 - cleaned in the line above


def _blocks(text: str) -> list[str]:
    """Return the elements of a text: a paragraph for each line, one list for items in a row."""
    made: list[str] = []
    items: list[str] = []
    for line in [*(one.strip() for one in text.splitlines()), ""]:
        if line.startswith(("- ", "· ")):
            items.append(f"<li>{_inline(line[2:])}</li>")
            continue
        if items:
            made.append(f"<ul>{''.join(items)}</ul>")
            items = []
        if line.startswith("## "):
            made.append(f"<h3>{_inline(line[3:])}</h3>")
        elif line:
            made.append(f"<p>{_inline(line)}</p>")
    return made


def _inline(line: str) -> str:
    """Return a line with bold and links; every word of it is escaped first."""
    escaped = str(escape(line))
    linked = LINK.sub(lambda found: _link(found[1], html.unescape(found[2])), escaped)
    return BOLD.sub(r"<strong>\1</strong>", linked)


def _link(words: str, target: str) -> str:
    """Return a link to a page of ours; an address elsewhere is shown, not followed."""
    page = ours(target)
    if page is None:
        return f"{words}（{escape(target)}）"
    return f'<a href="{escape(page)}">{words}</a>'


def ours(target: str) -> str | None:
    """Return the path of an address of this site, or None."""
    settings: Settings = current_app.extensions["settings"]
    if urlsplit(settings.site_url).netloc and target.startswith(settings.site_url + "/"):
        target = target.removeprefix(settings.site_url)
    return own_page(target)


def _only_ours(_tag: str, _attribute: str, value: str) -> str | None:
    """nh3 lets other sites' addresses through; we do not."""
    return ours(value)


def init_app(app: Flask) -> None:
    app.jinja_env.filters["rich"] = shown
