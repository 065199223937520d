"""Where an administrator sets up the ways out of the site, and tries them out."""

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Role
from accounts.web import person
from core import clock, ids
from core.access import allow
from core.codes import outside
from core.config import Settings
from core.errors import RuleBroken
from core.forms import ActionForm, carry_out
from core.i18n import _
from core.zone import CHINA
from messages.channels import queries, services
from messages.channels.forms import SecretsForm
from messages.channels.labels import ABOUT, OUTCOMES, TONES, name_of
from messages.channels.leaving import views as leaving
from messages.channels.needs import NEEDS, RECEIPTS
from messages.channels.receipts import views as receipts
from messages.channels.receipts.services import Take
from messages.channels.rules import Outgoing, Sent, Text, Way
from messages.contacts.queries import broken, own_address
from messages.labels import CHANNELS
from messages.rules import Channel

bp = Blueprint("channels", __name__)
BLUEPRINTS = (bp, leaving.bp, receipts.bp)
WORDS = {"names": CHANNELS, "about": ABOUT, "outcomes": OUTCOMES, "tones": TONES}


def init_app(app: Flask, *, receipt: Take) -> None:
    """Tell what takes a receipt of a vendor."""
    leaving.init_app(app)
    receipts.init_app(app, receipt=receipt)


@bp.get("/messages/channels")
@allow(Role.ADMIN)
def listing() -> ResponseReturnValue:
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "channels/listing.html",
        channels=queries.channels(),
        mail_server=bool(settings.smtp_url),
        email=Channel.EMAIL,
        broken=broken(),
        **WORDS,
    )


@bp.route("/messages/channels/<name>", methods=["GET", "POST"])
@allow(Role.ADMIN, step_up=True)
def edit(name: str) -> ResponseReturnValue:
    channel = _vendor(name)
    form = SecretsForm.of_channel(channel)
    if form.carries_out(lambda: services.set_secrets(channel, form.told(), by=person())):
        flash(_("已密封保存，不会再显示"), "ok")
        return redirect(url_for("channels.edit", name=name))
    page = render_template(
        "channels/edit.html",
        found=queries.channel(channel),
        fields=[(one, name_of(channel, one)) for one in NEEDS[channel]],
        tells=channel in RECEIPTS,
        form=form,
        **WORDS,
    )
    return page, form.status


@bp.post("/messages/channels/<name>/switch/<any(on, off):verb>")
@allow(Role.ADMIN, step_up=True)
def switch(name: str, verb: str) -> ResponseReturnValue:
    channel, enabled = _vendor(name), verb == "on"
    carry_out(lambda: services.switch(channel, enabled=enabled, by=person()))
    flash(_("已开启，大家可以在“联系方式”里选它") if enabled else _("已关闭，马上不再用它发"), "ok")
    return redirect(url_for("channels.edit", name=name))


@bp.post("/messages/channels/<name>/receipts")
@allow(Role.ADMIN, step_up=True)
def new_receipts(name: str) -> ResponseReturnValue:
    """Make the address where the vendor tells what became of messages; it is shown this once."""
    channel = _vendor(name)
    if channel not in RECEIPTS:
        raise NotFound
    made: list[str] = []  # not the form's result: that would be kept, and the secret is shown once
    carry_out(lambda: made.append(services.new_receipt_secret(channel, by=person())))
    if not made:
        return redirect(url_for("channels.edit", name=name))
    address = outside(url_for("receipts.take", name=name, token=made[0]))
    return render_template("channels/receipts.html", channel=channel, address=address, **WORDS)


@bp.post("/messages/channels/<name>/try")
@allow(Role.ADMIN)
def try_out(name: str) -> ResponseReturnValue:
    """Send a message to oneself and say how it went."""
    channel = Channel.EMAIL if name == Channel.EMAIL.value else _vendor(name)
    way, address = _way(channel), own_address(person().id or 0, channel)
    if address is None:
        raise RuleBroken(_("先在自己的“联系方式”里加上这条途径，再试发给自己"))
    went: list[Sent] = []
    form = ActionForm.of_request()
    if not form.tries(lambda: went.append(services.try_out(way, _trial(address), by=person()))):
        raise RuleBroken(*(str(reason) for reason in form.form_errors))
    (sent,) = went
    said = f"{OUTCOMES[sent.outcome]} {sent.code}".strip()
    flash(_("试发给自己：%(how)s", how=said), TONES[sent.outcome])
    return redirect(url_for("channels.listing"))


def _vendor(name: str) -> Channel:
    found = next((channel for channel in NEEDS if channel.value == name), None)
    if found is None:
        raise NotFound
    return found


def _way(channel: Channel) -> Way:
    settings: Settings = current_app.extensions["settings"]
    if channel is Channel.EMAIL:
        return services.mail_way(settings)
    way = services.way_of(channel, settings)
    if way is None:
        raise RuleBroken(_("还有没填的，填齐了才能试发"))
    return way


def _trial(address: str) -> Outgoing:
    when = f"{clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}"
    text = Text(
        _("试发一条消息：%(when)s", when=when), _("收到这条消息，说明这条途径是通的。") + "\n"
    )
    values = (("when", when), ("number", "V-0000"), ("link", outside("/")), ("code", "000000"))
    return Outgoing(ids.uid(), address, text, "channel_test", values)
