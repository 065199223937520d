"""Headers every answer carries: nothing from elsewhere, nothing inline, nothing kept by proxies.

But for public pages to visitors without a session, of which core.shelf says for how long.
"""

from flask import Flask, Response, abort, current_app, request

from core.access import is_signed_in
from core.config import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
UNUSED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
"""What a browser can do and the site never asks for; passkeys and copying are not among it."""
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
}
ONLY_TLS = "max-age=31536000; includeSubDomains"
LONG = 365 * 24 * 3600
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OUR_PAGES = frozenset({"same-origin", "none"})
"""Where a browser says an unsafe request may come from: our own page, or the person (reload)."""


def always(app: Flask) -> dict[str, str]:
    """Return what every answer of a site carries, those that no view has made too."""
    settings: Settings = app.extensions["settings"]
    over_tls = settings.site_url.startswith("https:")
    return ALWAYS | ({"Strict-Transport-Security": ONLY_TLS} if over_tls else {})


def _add(response: Response) -> Response:
    for name, value in always(current_app).items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        response.cache_control.public = True
        response.cache_control.max_age = LONG if request.args.get("v") else 300
        return response
    response.vary.add("Cookie")  # each page says whose it is
    if response.cache_control.immutable:
        return response  # a view that says so shows the same to everybody
    if request.method != "GET" or response.status_code >= 400 or is_signed_in():
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _refuse_nul() -> None:
    """A NUL in an address is nobody's record: databases would fail on it, each in its own way."""
    if "\x00" in request.path or any("\x00" in text for text in request.args.values()):
        abort(404)


def _refuse_foreign_forms() -> None:
    """Refuse what another site's page sends, before its token is even looked at.

    Every current browser says where a request comes from; whatever does not is no browser, or an
    old one, and has to show the token like everybody.
    """
    said = request.headers.get("Sec-Fetch-Site")
    if request.method not in SAFE and said is not None and said not in OUR_PAGES:
        abort(400)


def init_app(app: Flask) -> None:
    app.before_request(_refuse_nul)
    app.before_request(_refuse_foreign_forms)
    app.after_request(_add)
