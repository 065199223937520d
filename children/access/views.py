"""Pages of access by request: see once, ask, answer, end, and who has seen what."""

from collections.abc import Sequence

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.admin.labels import ACTIONS
from accounts.web import person
from children.access import queries, services
from children.access.decoys.services import log_opened
from children.access.denials.services import denied
from children.access.forms import APPROVE, AnswerForm, AskForm, RevealForm
from children.access.labels import GROUNDS, OPEN_FIELDS, REASONS, STATES, TONES
from children.access.queries import Known
from children.access.reveals import services as reveals
from children.access.reveals.services import Assigned, Outcome
from children.access.rules import Reason, Standing, ground
from children.consents.labels import PURPOSES
from children.queries import READERS
from children.sealed.labels import FIELDS
from children.sealed.queries import part_of
from children.sealed.rules import SealedField
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _

bp = Blueprint("child_access", __name__)
KNOWN_FIELDS = OPEN_FIELDS | {
    **{field.value: words for field, words in FIELDS.items()},
    **{purpose.value: words for purpose, words in PURPOSES.items()},
}
"""Whatever the trail may name of a child, in words."""
WORDS = {
    "field_names": FIELDS,
    "grounds": GROUNDS,
    "reasons": REASONS,
    "states": STATES,
    "tones": TONES,
}


def init_app(app: Flask, *, assigned: Assigned) -> None:
    """Tell this room who escorts or coordinates a visit that is near: the visits know."""
    app.extensions["visit_assigned"] = assigned


def _assigned() -> Assigned:
    found: Assigned = current_app.extensions["visit_assigned"]
    return found


@bp.route("/children/<uid>/reveal", methods=["GET", "POST"])
@allow(*queries.ASKERS, step_up=True)
def reveal(uid: str) -> ResponseReturnValue:
    """Show sealed fields in the answer to this very POST; sent again, it shows the form."""
    me, made = person(), list[Outcome]()
    found, standing = reveals.stands(uid, by=me, assigned=_assigned())
    form = RevealForm.of_request()
    form.offer(part_of(uid, me).told)  # what there is no ground for is refused below, and kept
    if not form.carries_out(
        lambda: made.append(reveals.reveal(uid, form.asked(), by=me, assigned=_assigned()))
    ):
        return _reveal_page(found, standing, form), form.status
    if not made:
        flash(_("内容只显示一次。还需要看，请重新填写事由"), "info")
        return redirect(url_for("child_access.reveal", uid=uid))
    return _outcome(found, standing, form, made[0])


def _outcome(
    found: Known, standing: Standing, form: RevealForm, outcome: Outcome
) -> ResponseReturnValue:
    if outcome.stopped:
        return render_template("child_access/stopped.html"), 429
    if outcome.refused:
        return _reveal_page(found, standing, RevealForm(), refused=outcome.refused), 403
    return render_template(
        "child_access/revealed.html",
        uid=found.uid,
        alias=found.alias,
        shown=[(FIELDS[one], outcome.shown.get(one, "")) for one in form.fields_in_order()],
        reason=REASONS[form.asked().reason],
        note=form.note.data,
        now=clock.now(),
    )


def _reveal_page(
    found: Known,
    standing: Standing,
    form: RevealForm,
    *,
    refused: Sequence[SealedField] = (),
) -> str:
    """Show what may be seen now and on what ground; the rest has to be asked for."""
    grounds = {one: ground(one, standing) for one in part_of(found.uid, person()).told}
    form.offer(one for one, why in grounds.items() if why)
    return render_template(
        "child_access/reveal.html",
        uid=found.uid,
        alias=found.alias,
        form=form,
        kinds=grounds,
        refused=refused,
        may_ask=any(one in queries.askable(found) for one, why in grounds.items() if not why),
        **WORDS,
    )


@bp.route("/children/<uid>/access/ask", methods=["GET", "POST"])
@allow(*queries.ASKERS)
def ask(uid: str) -> ResponseReturnValue:
    me = person()
    found, _standing = reveals.stands(uid, by=me, assigned=_assigned())
    form = AskForm.of_request(hours="24")
    asking = [one for one in queries.askable(found) if one in part_of(uid, me).told]
    form.offer(asking)
    form.offer_hours(services.longest_hours())
    if form.carries_out(lambda: services.ask(uid, form.asked(), by=me)):
        flash(_("已提交，等另一个人审批"), "ok")
        return redirect(url_for("child_access.requests"))
    return render_template(
        "child_access/ask.html", uid=found.uid, alias=found.alias, form=form, asking=asking
    ), form.status


@bp.get("/access-requests")
@allow(*queries.ASKERS)
def requests() -> ResponseReturnValue:
    me, waiting = person(), bool(request.args.get("waiting"))
    page = queries.listing(me, waiting=waiting, after=request.args.get("after"))
    return render_template(
        "child_access/requests.html",
        page=page,
        waiting=waiting,
        now=clock.now(),
        reads_files=me.has(*READERS),
        **WORDS,
    )


@bp.route("/access-requests/<grant_uid>", methods=["GET", "POST"])
@allow(*queries.APPROVERS, step_up=True)
def answer(grant_uid: str) -> ResponseReturnValue:
    me = person()
    grant = queries.request(grant_uid, me)
    own, form = grant.requested_by_id == me.id, AnswerForm.of_request()
    if own and request.method == "POST":
        denied("child", grant.child_uid, route=str(request.endpoint), by=me.id)
    act = services.approve if form.decision.data == APPROVE else services.decline
    if form.carries_out(lambda: act(grant_uid, str(form.note.data or ""), by=me)):
        flash(_("已答复，申请人可以看到"), "ok")
        return redirect(url_for("child_access.requests", waiting=1))
    return render_template(
        "child_access/answer.html",
        grant=grant,
        own=own,
        form=form,
        **WORDS,
    ), form.status


@bp.post("/access-requests/<grant_uid>/revoke")
@allow(*queries.ASKERS)
def revoke(grant_uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.revoke(grant_uid, by=person()))
    flash(_("已收回，立即生效"), "ok")
    return redirect(url_for("child_access.requests"))


@bp.get("/children/<uid>/access")
@allow(*queries.LOG_READERS)
def log(uid: str) -> ResponseReturnValue:
    """Who saw or changed what of a child, for those who answer for it."""
    me = person()
    alias, decoys_county = queries.loggable(uid, me)
    log_opened(uid, decoys_county, by=me)
    return render_template(
        "child_access/log.html",
        uid=uid,
        alias=alias,
        page=queries.log(uid, after=request.args.get("after")),
        week=queries.week(uid),
        actions=ACTIONS,
        fields_of=_named,
        why=_why,
    )


def _named(names: Sequence[str]) -> list[str]:
    """Return the names of fields in words, where there are words for them."""
    return [str(KNOWN_FIELDS.get(name, name)) for name in names]


def _why(reason: str) -> str:
    """Return a reason as it was chosen and written, the chosen one in words; or which visit's."""
    if reason.startswith("visit/"):
        return _("走访 %(number)s", number=reason.removeprefix("visit/"))
    chosen, colon, note = reason.partition(": ")
    if not colon or chosen not in set(Reason):
        return reason
    return _("%(reason)s：%(note)s", reason=REASONS[Reason(chosen)], note=note)
