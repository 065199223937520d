"""Addresses of the site as outsiders type them, and as squares for a phone's camera."""

import io

import segno
from flask import current_app
from markupsafe import Markup

from core.config import Settings


def outside(path: str) -> str:
    """Return the whole address of one of our pages: what paper and other screens carry."""
    settings: Settings = current_app.extensions["settings"]
    return settings.site_url + path


def drawn(address: str, title: str) -> Markup:
    """Return the address as an SVG picture: made of squares, without any style of its own."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, title=title,
        light="#fff",
    )  # fmt: skip
    return Markup(out.getvalue().decode())  # noqa: S704 - made of squares by segno alone
