"""Headers every answer carries: nothing from elsewhere, nothing inline, nothing kept by proxies."""

from flask import Flask, Response, abort, request

from core.access import is_signed_in

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
LONG = 365 * 24 * 3600


def _add(response: Response) -> Response:
    response.headers.update(ALWAYS)
    if request.endpoint == "static":
        response.cache_control.public = True
        response.cache_control.max_age = LONG if request.args.get("v") else 300
    elif is_signed_in() or response.status_code >= 400 or request.method != "GET":
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _refuse_nul() -> None:
    """A NUL in an address is nobody's record: databases would fail on it, each in its own way."""
    if "\x00" in request.path or any("\x00" in text for text in request.args.values()):
        abort(404)


def init_app(app: Flask) -> None:
    app.before_request(_refuse_nul)
    app.after_request(_add)
