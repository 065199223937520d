"""The agreement of a pairing: its text, who has signed it, and the sheet to sign on."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.consents.labels import SIGNERS
from children.services import seen_elsewhere
from core.access import allow
from core.errors import NotYours, RuleBroken
from core.forms import carry_out
from core.i18n import _, in_english
from core.paper import missing
from pairings import queries
from pairings.agreements import services
from pairings.agreements.drawing import drawn
from pairings.agreements.forms import SignatureForm, seat_name
from pairings.agreements.labels import PARTIES, PROOFS
from pairings.agreements.queries import Signing, history, may_be_signed, signing
from pairings.agreements.sheets import sheet_of
from pairings.agreements.texts.queries import current_version, text
from pairings.queries import READERS, Shown
from pairings.rules import Stage

bp = Blueprint("agreements", __name__)
SHOWN_OF_CHILD = ("signatures",)


@bp.get("/pairings/<uid>/agreement")
@allow(*READERS)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    seen = queries.shown(uid, me)
    state = signing(seen.pairing, seen.child.age_band, me.id)
    return _page(seen, state, SignatureForm().offer(state, centre=seen.plans))


@bp.post("/pairings/<uid>/agreement")
@allow(*services.ENTERING)
def record(uid: str) -> ResponseReturnValue:
    me = person()
    seen = queries.shown(uid, me)
    if not seen.enters:
        raise NotYours
    state = signing(seen.pairing, seen.child.age_band, me.id)
    form = SignatureForm.of_request().offer(state, centre=seen.plans)
    if form.carries_out(lambda: services.record(uid, form.signature(), by=me)):
        flash(_("签字已登记"), "ok")
        return redirect(url_for("agreements.show", uid=uid))
    return _page(seen, state, form), form.status


@bp.post("/pairings/<uid>/agreement/sign")
@allow(*services.VOLUNTEERS)
def sign(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.sign_own(uid, by=person()))
    flash(_("已签署，谢谢您"), "ok")
    return redirect(url_for("agreements.show", uid=uid))


@bp.post("/pairings/<uid>/agreement/signatures/<int:number>/void")
@allow(Role.COORDINATOR)
def void(uid: str, number: int) -> ResponseReturnValue:
    carry_out(lambda: services.void(uid, number, by=person()))
    flash(_("签字已作废，请重新签"), "ok")
    return redirect(url_for("agreements.show", uid=uid))


@bp.get("/pairings/<uid>/agreement.pdf")
@allow(*READERS)
def pdf(uid: str) -> ResponseReturnValue:
    """Give the sheet to print and sign; what is not in the font is said, never printed as a box."""
    me = person()
    seen = queries.shown(uid, me)
    if text(current_version()) is None:
        raise RuleBroken(
            _("没有版本 %(version)s 的协议，请管理员核对规则参数", version=current_version())
        )
    sheet = sheet_of(seen, signing(seen.pairing, seen.child.age_band, me.id))
    strange = missing(*sheet.texts)
    if strange:
        raise RuleBroken(_("字库里没有这些字，印不出来：%(what)s", what=strange))
    seen_elsewhere(seen.child.id, by=me, fields=SHOWN_OF_CHILD)
    kept = {
        "Content-Disposition": f'attachment; filename="agreement-{seen.pairing.id}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(drawn(sheet), content_type="application/pdf", headers=kept)


def _page(seen: Shown, state: Signing, form: SignatureForm) -> str:
    me, signable = person(), may_be_signed(seen.pairing)
    page = render_template(
        "pairings/agreement.html",
        pairing=seen.pairing,
        child=seen.child,
        staff=seen.staff,
        text=text(state.version),
        english=in_english(),
        signing=state,
        still=[seat_name(seat, state.names) for seat in state.open],
        rows=history(seen.pairing.id) if seen.staff else [],
        may_sign=signable and state.own is not None,
        may_enter=signable and seen.enters and bool(state.open),
        may_void=seen.plans and seen.pairing.stage is Stage.CONSENT_PENDING,
        parties=PARTIES,
        proofs=PROOFS,
        signers=SIGNERS,
        form=form,
    )
    seen_elsewhere(seen.child.id, by=me, fields=SHOWN_OF_CHILD)
    return page
