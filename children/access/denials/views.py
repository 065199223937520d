"""Telling which answers are denials: a 403 or a 404 in the rooms that hold children's records.

A record that is missing and one that is a neighbour's take the same steps (one look-up, one row),
so that neither the bytes nor the time of the answer tells them apart.
"""

from collections.abc import Callable, Mapping

from flask import Flask, current_app, request

from accounts.web import someone
from children import queries
from children.access.denials import services

Exists = Callable[[str], bool]
Rooms = Mapping[str, tuple[str, Exists]]
CHILDREN = ("child", queries.exists)


def init_app(app: Flask, *, rooms: Rooms) -> None:
    """Name the blueprints of other rooms that are about children: what their `uid` names."""
    own = dict.fromkeys(("children", "consents", "child_access"), CHILDREN)
    app.extensions["child_rooms"] = own | dict(rooms)


def note() -> None:
    """Keep that whoever asks now was denied, if it was in one of the children's rooms."""
    rooms: Rooms = current_app.extensions["child_rooms"]
    me, args = someone(), request.view_args or {}
    if me is None or request.blueprint is None or request.blueprint not in rooms:
        return
    kind, exists = rooms[request.blueprint]
    uid = args.get("uid", "")
    if "child_uid" in args:
        (kind, exists), uid = CHILDREN, args["child_uid"]
    services.denied(kind, uid if exists(uid) else None, route=str(request.endpoint), by=me.id)
