"""One's own ways to be reached: which, in which order, proved by a code, and no more of them."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.web import person
from core import ids
from core.access import SIGNED_IN, allow
from core.config import Settings
from core.errors import RuleBroken
from core.forms import carry_out
from core.i18n import _
from core.limits import spend
from messages.channels.labels import ABOUT
from messages.channels.rules import Outgoing, Text
from messages.channels.services import ways
from messages.contacts import queries, services
from messages.contacts.forms import NameForm, PhoneForm, ProofForm
from messages.contacts.grants import services as grants
from messages.contacts.grants import views as wechat
from messages.contacts.rules import BY_PHONE, OFFERED
from messages.labels import CHANNELS
from messages.rules import Channel, Outcome

bp = Blueprint("contacts", __name__)
BLUEPRINTS = (bp, wechat.bp)
DEEDS = {
    "leave": services.opt_out,
    "back": services.come_back,
    "first": services.put_first,
    "remove": services.remove,
}


@bp.get("/account/contacts")
@allow(SIGNED_IN)
def mine() -> ResponseReturnValue:
    me = person().id or 0
    chosen, opened = queries.chosen(me), queries.open_channels()
    taken = {one.channel for one in chosen}
    return render_template(
        "contacts/mine.html",
        chosen=chosen,
        opened=opened,
        addable=[channel for channel in opened if channel not in taken],
        grants=grants.left(me),
        email=Channel.EMAIL,
        wechat=Channel.WECHAT,
        names=CHANNELS,
        about=ABOUT,
    )


@bp.route("/account/contacts/<name>", methods=["GET", "POST"])
@allow(SIGNED_IN, step_up=True)
def add(name: str) -> ResponseReturnValue:
    """Take an address and send a code there."""
    channel = _open(name)
    if channel is Channel.WECHAT:
        return redirect(url_for("wechat.subscribe"))
    form = (PhoneForm if channel in BY_PHONE else NameForm).of_request()
    if form.tries(lambda: _send_code(channel, str(form.address.data))):
        flash(_("验证码已发出"), "ok")
        return redirect(url_for("contacts.prove", name=name))
    page = render_template(
        "contacts/add.html", channel=channel, form=form, names=CHANNELS, about=ABOUT
    )
    return page, form.status


def _send_code(channel: Channel, address: str) -> None:
    """Send a code after it was written down; whether it left is known at once."""
    spend(*services.tries_of(channel, address, by=person()))
    settings: Settings = current_app.extensions["settings"]
    way = ways(settings).get(channel)
    code = services.begin(channel, address, by=person())
    text = Text(
        _("童行验证码：%(code)s", code=code), _("10 分钟内有效。不是您本人在操作，请不要理会。")
    )
    outgoing = Outgoing(ids.uid(), address, text, "contact_code", (("code", code),))
    if way is None or way.send(outgoing).outcome in {Outcome.RETRY, Outcome.REJECTED}:
        raise RuleBroken(_("验证码没有发出去，请检查地址，或者稍后再试"))


@bp.route("/account/contacts/<name>/code", methods=["GET", "POST"])
@allow(SIGNED_IN)
def prove(name: str) -> ResponseReturnValue:
    channel = _open(name)
    form = ProofForm.of_request()
    if form.tries(lambda: services.prove(channel, str(form.code.data), by=person())):
        flash(_("已验证，以后的消息也发到这里"), "ok")
        return redirect(url_for("contacts.mine"))
    page = render_template("contacts/prove.html", channel=channel, form=form, names=CHANNELS)
    return page, form.status


@bp.post("/account/contacts/<name>/<any(leave, back, first, remove):verb>")
@allow(SIGNED_IN)
def change(name: str, verb: str) -> ResponseReturnValue:
    channel, me = _offered(name), person().id or 0
    carry_out(lambda: DEEDS[verb](me, channel))
    flash(_("已改好"), "ok")
    return redirect(url_for("contacts.mine"))


def _offered(name: str) -> Channel:
    found = next((channel for channel in OFFERED if channel.value == name), None)
    if found is None:
        raise NotFound
    return found


def _open(name: str) -> Channel:
    """Return a way that people may add now; one that is closed is not there."""
    channel = _offered(name)
    if channel not in queries.open_channels():
        raise NotFound
    return channel
