"""Pages of a goodbye letter: the team writes, the county reads, the village prints and gives it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.consents.services import ENTERING
from children.services import seen_elsewhere
from core import clock
from core.access import allow
from core.errors import NotYours
from core.forms import Form
from core.i18n import _
from pairings import queries as pairing_queries
from pairings.letters import queries, services
from pairings.letters.forms import CheckForm, HandedForm, LetterForm
from pairings.letters.labels import STATES
from pairings.letters.models import PairingLetter
from pairings.letters.rules import OPEN, LetterState
from pairings.queries import Shown
from pairings.rules import AT_ONCE, Stage

bp = Blueprint("letters", __name__)
SHOWN_OF_CHILD = ("letter",)


@bp.route("/pairings/<uid>/letter", methods=["GET", "POST"])
@allow(Role.VOLUNTEER, Role.TEAM_LEADER)
def write(uid: str) -> ResponseReturnValue:
    me, seen = person(), pairing_queries.shown(uid, person())
    if seen.staff:
        raise NotYours
    letter, form = queries.letter_of(seen.pairing), LetterForm.of_request()
    if form.carries_out(lambda: services.write(uid, str(form.text.data), by=me)):
        flash(_("信已交给协调员，看过以后才会交给孩子"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    if letter and not form.errors:
        form.text.data = letter.text
    may_write = _may_write(seen, letter)
    return _page("letters/write.html", form, seen, letter, may_write=may_write)


@bp.route("/pairings/<uid>/letter/check", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def check(uid: str) -> ResponseReturnValue:
    me, form = person(), CheckForm.of_request()
    seen = pairing_queries.shown(uid, me)
    letter = queries.letter_of(seen.pairing)
    if form.carries_out(lambda: services.check(uid, form.found(), by=me)):
        flash(_("已记下，谢谢"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    form.version.data = str(letter.version if letter else 0)
    waits = letter is not None and letter.state is LetterState.WRITTEN
    seen_elsewhere(seen.child.id, by=me, fields=SHOWN_OF_CHILD)
    return _page("letters/check.html", form, seen, letter, waits=waits)


@bp.route("/pairings/<uid>/letter/paper", methods=["GET", "POST"])
@allow(*ENTERING)
def paper(uid: str) -> ResponseReturnValue:
    me, form = person(), HandedForm.of_request()
    seen = pairing_queries.shown(uid, me)
    letter = queries.letter_of(seen.pairing)
    if form.carries_out(lambda: services.hand_over(uid, form.on.data or clock.today(), by=me)):
        flash(_("已记下信交给了孩子"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    ready = letter is not None and letter.state not in OPEN
    seen_elsewhere(seen.child.id, by=me, fields=SHOWN_OF_CHILD)
    return _page("letters/paper.html", form, seen, letter, ready=ready)


def _page(
    template: str, form: Form, seen: Shown, letter: PairingLetter | None, **more: bool
) -> ResponseReturnValue:
    page = render_template(
        template,
        pairing=seen.pairing,
        child=seen.child,
        letter=letter,
        states=STATES,
        form=form,
        **more,
    )
    return page, form.status


def _may_write(seen: Shown, letter: PairingLetter | None) -> bool:
    return seen.pairing.stage is Stage.ENDING and (letter is None or letter.state in OPEN)


def links(seen: Shown) -> list[tuple[str, str, str]]:
    """Return (words, address, tone) of what somebody may do about the letter now."""
    found = seen.pairing
    if found.stage not in services.PARTED or found.end_reason in AT_ONCE:
        return []
    letter = queries.letter_of(found)
    if not seen.staff:
        again = _("改告别信") if letter else _("写告别信")
        url = url_for("letters.write", uid=found.uid)
        return [(again, url, "")] if _may_write(seen, letter) else []
    if letter is None:
        return []
    if letter.state in OPEN:
        url = url_for("letters.check", uid=found.uid)
        tone = "" if letter.state is LetterState.WRITTEN else "ghost"
        return [(_("看告别信"), url, tone)] if seen.plans else []
    url, tone = url_for("letters.paper", uid=found.uid), ""
    if letter.state is LetterState.HANDED:
        tone = "ghost"
    return [(_("打印告别信"), url, tone)] if seen.enters else []
