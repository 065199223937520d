"""Where vendors tell what became of messages: an address with a secret, one for each vendor."""

import json

from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from accounts.web import address
from core.access import EVERYONE, allow
from core.bodies import takes
from core.limits import Limit, spend
from messages.channels.needs import RECEIPTS
from messages.channels.receipts import services
from messages.channels.receipts.rules import read
from messages.channels.receipts.services import Take
from messages.rules import Channel

bp = Blueprint("receipts", __name__)
FROM_ONE = Limit("receipts", 600, 60)
"""Requests of one address a minute: vendors put many receipts into each."""
THANKS = {
    Channel.ALIYUN_SMS: {"code": 0, "msg": "OK"},
    Channel.TENCENT_SMS: {"result": 0, "errmsg": "OK"},
}
"""What each vendor wants to hear; anything else, and it comes again."""


def init_app(app: Flask, *, receipt: Take) -> None:
    """Tell what takes a receipt; vendors have no token of ours, the address has a secret."""
    app.extensions["receipt"] = receipt
    app.extensions["csrf"].exempt(take)


@bp.post("/messages/receipts/<name>/<token>")
@allow(EVERYONE)
@takes(256 * 1024)
def take(name: str, token: str) -> ResponseReturnValue:
    channel = next((one for one in RECEIPTS if one.value == name), None)
    if channel is None:
        raise NotFound
    spend(FROM_ONE.of(address()))
    services.known(channel, token)
    try:
        receipts = read(channel, json.loads(request.get_data()))
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    if receipts is None:
        raise BadRequest
    services.take(receipts, current_app.extensions["receipt"])
    return THANKS[channel]
