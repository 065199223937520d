"""A one-time subscription at WeChat: its reader agrees on WeChat's own page and comes back.

What leads back is signed for whoever went there, so that nobody can be subscribed by a link.
"""

import base64
import hmac
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from accounts.web import person
from core import ids
from core.access import SIGNED_IN, allow
from core.codes import outside
from core.config import Settings
from core.crypto import sealer
from core.errors import RuleBroken
from core.i18n import _
from messages.channels.wechat import SCENE
from messages.contacts import services
from messages.contacts.grants.queries import account

bp = Blueprint("wechat", __name__)
PAGE = "https://mp.weixin.qq.com/mp/subscribemsg"
ONCE = "wechat"
READER = 64
"""Characters of a reader's name at WeChat, at most."""


@bp.get("/account/contacts/wechat/subscribe")
@allow(SIGNED_IN)
def subscribe() -> ResponseReturnValue:
    """Lead to WeChat's page, which works inside WeChat only."""
    known = account()
    if known is None:
        raise RuleBroken(_("本站没有开启微信"))
    given = {
        "action": "get_confirm",
        "appid": known["app_id"],
        "scene": SCENE,
        "template_id": known["template_id"],
        "redirect_url": outside(url_for("wechat.agreed")),
        "reserved": _mine(fresh=True),
    }
    return redirect(f"{_page()}?{urlencode(given)}#wechat_redirect")


def _page() -> str:
    """Return WeChat's page, or its stand-in where the channel leads elsewhere."""
    settings: Settings = current_app.extensions["settings"]
    elsewhere = settings.vendor_urls.get("wechat")
    return f"{elsewhere}/mp/subscribemsg" if elsewhere else PAGE


@bp.get("/account/contacts/wechat/agreed")
@allow(SIGNED_IN)
def agreed() -> ResponseReturnValue:
    """Take the answer that somebody brings back from WeChat."""
    known, told = account(), request.args
    mine = _mine()
    session.pop(ONCE, None)  # brought back twice, it is no second subscription
    if known is None or not hmac.compare_digest(
        mine.encode(), told.get("reserved", "").encode("utf-8", "surrogatepass")
    ):
        raise RuleBroken(_("这不是您刚才打开的订阅，请再订阅一次"))
    reader = told.get("openid", "")
    if told.get("action") != "confirm" or told.get("template_id") != known["template_id"]:
        flash(_("没有订阅，不会用微信发给您"), "info")
    elif not reader.isascii() or not 10 <= len(reader) <= READER:
        raise RuleBroken(_("这不是您刚才打开的订阅，请再订阅一次"))
    else:
        services.subscribed(person().id or 0, reader, known["template_id"])
        flash(_("已订阅，下一条消息会发到微信"), "ok")
    return redirect(url_for("contacts.mine"))


def _mine(*, fresh: bool = False) -> str:
    """Return what only this session can bring back, and once."""
    if fresh:
        session[ONCE] = ids.uid()
    _key_id, key = sealer().derived("wechat")
    told = f"{person().id}/{person().session_id}/{session.get(ONCE) or ids.uid()}".encode()
    return base64.urlsafe_b64encode(hmac.digest(key, told, "sha256")).decode().rstrip("=")
