"""Making a guardian's link, and the page it opens: reading never acts, the button acts once."""

import io
from collections.abc import Callable

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from accounts.rules import Actor
from accounts.web import person
from children import queries as children
from children.consents.labels import MEANINGS, PURPOSES, standing
from children.consents.links import queries, services
from children.consents.links.forms import PurposesForm
from children.consents.services import ENTERING, REVOCABLE
from children.consents.texts.queries import current_version, original, text, versions
from children.consents.texts.rules import ConsentText
from children.rules import Purpose
from children.services import look
from core.access import EVERYONE, allow
from core.config import Settings
from core.forms import carry_out
from core.i18n import _
from places.queries import area_names

bp = Blueprint("guardian_links", __name__)
Withdrawn = Callable[[int, Actor], None]


@bp.route("/children/<uid>/links", methods=["GET", "POST"])
@allow(*ENTERING)
def make(uid: str) -> ResponseReturnValue:
    me = person()
    child = look(uid, by=me)
    form = PurposesForm.of_request(purposes=[one.value for one in services.ASKABLE[:2]])
    form.offer(services.ASKABLE)
    made: list[str] = []  # not the form's result: that would be kept, and a link is shown once

    def act() -> None:
        made.append(services.make(uid, form.chosen(), by=me))

    if form.carries_out(act):
        address = _address(made[0]) if made else ""
        drawn = _drawn(address) if address else ""
        return render_template(
            "links/made.html", child=children.staffs(child), address=address, drawn=drawn
        )
    return render_template(
        "links/make.html",
        child=children.staffs(child),
        form=form,
        links=queries.of_child(child.id),
        purposes=PURPOSES,
    ), form.status


@bp.post("/children/<uid>/links/<link_uid>/revoke")
@allow(*ENTERING)
def revoke(uid: str, link_uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.revoke(uid, link_uid, by=person()))
    flash(_("链接已作废"), "ok")
    return redirect(url_for("guardian_links.make", uid=uid))


@bp.route("/guardian/<token>", methods=["GET", "POST"])
@allow(EVERYONE)
def answer(token: str) -> ResponseReturnValue:
    form = PurposesForm.of_request()
    form.offer(services.ASKABLE)
    then: Withdrawn = current_app.extensions["consent_withdrawn"]

    def act() -> None:
        services.answer(token, form.chosen(), then)

    if form.carries_out(act):
        return redirect(url_for("guardian_links.done"))
    found = queries.opened(token)
    if found is None:
        return render_template("links/closed.html"), 410
    form.offer([one for one, state in found.states.items() if state in REVOCABLE])
    return render_template(
        "links/answer.html",
        form=form,
        token=token,
        county=area_names([found.county_id])[found.county_id],
        states={one: standing(state, over=False) for one, state in found.states.items()},
        texts={one: _text(one, found.versions.get(one, "")) for one in found.states},
        without_text=found.without_text,
        purposes=PURPOSES,
        meanings=MEANINGS,
    ), form.status


def _text(purpose: Purpose, version: str) -> ConsentText:
    """Return the text as it was answered, or else the one in force."""
    wanted = (version, current_version(), versions()[0])
    return text(next(one for one in wanted if original(one, purpose)), purpose)


@bp.get("/guardian/done")
@allow(EVERYONE)
def done() -> ResponseReturnValue:
    return render_template("links/done.html")


def _address(secret: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.site_url + url_for("guardian_links.answer", token=secret)


def _drawn(address: str) -> Markup:
    """Return the address as a picture for a phone's camera: a plain SVG without styles."""
    out = io.BytesIO()
    title = str(_("给监护人扫描的二维码"))
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, title=title
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - made of squares by segno alone
