"""Telling which answers are denials: a 403 or a 404 in the rooms that hold children's records.

A record that is missing and one that is a neighbour's take the same steps (one look-up, one row),
so that neither the bytes nor the time of the answer tells them apart.
"""

from collections.abc import Callable

from flask import Flask, current_app, request

from accounts.web import someone
from children import queries
from children.access.denials import services
from core.writers import WriterBusy

Exists = Callable[[str], bool]
CHILD, PAIRING, VISIT = "child", "pairing", "visit"
REQUEST, ERASURE = "rights_request", "erasure"
BLUEPRINTS = {
    "children": CHILD,
    "consents": CHILD,
    "child_access": CHILD,
    "sealed": CHILD,
    "guardian_links": CHILD,
    "pairings": PAIRING,
    "visits": VISIT,
    "records": VISIT,
    "rights": REQUEST,
    "copies": REQUEST,
    "erasures": ERASURE,
}
"""Where pages are about one child, and what the `uid` of their addresses names."""
OTHERWISE = {"rights.enter": CHILD, "erasures.ask": CHILD, "erasures.ask_for_request": REQUEST}
"""Pages of these rooms whose addresses name something else."""


def init_app(app: Flask, **above: Exists) -> None:
    """Tell this room how the rooms above it know whether a uid is any record's at all."""
    app.extensions["child_records"] = {CHILD: queries.exists} | above


def kept() -> bool:
    """Keep that whoever asks now was denied, if it was where pages are about one child.

    Return whether that could be written: a denial that cannot be kept is not told either.
    """
    me, args = someone(), request.view_args or {}
    if me is None or request.blueprint not in BLUEPRINTS:
        return True
    kind = OTHERWISE.get(str(request.endpoint), BLUEPRINTS[str(request.blueprint)])
    uid = args.get("uid", "")
    if "child_uid" in args:
        kind, uid = CHILD, args["child_uid"]
    exists: Exists = current_app.extensions["child_records"][kind]
    try:
        found = uid if exists(uid) else None
        services.denied(kind, found, route=str(request.endpoint), by=me.id)
    except WriterBusy:
        return False
    return True
