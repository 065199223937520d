"""Joining a campaign in two screens, confirming by link, and the calls of the county centre."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import address, agent, person, sign_in_person, someone
from campaigns import labels, queries
from campaigns.cards.joined.texts import share_of
from campaigns.counties.queries import counties, instead_of, notes, ordered
from campaigns.funnel.queries import in_reach_of
from campaigns.funnel.services import look_at_slot
from campaigns.manage.slots import labels as slot_labels
from campaigns.posters.queries import known as known_tag
from campaigns.rules import HOLD_HOURS, SlotKind
from campaigns.seats import labels as seat_labels
from campaigns.seats.labels import said
from campaigns.seats.rules import Act, Party, Why, can
from campaigns.signups import services
from campaigns.signups.calls.queries import called, to_call
from campaigns.signups.confirming import services as confirming
from campaigns.signups.confirming.queries import behind
from campaigns.signups.forms import AgainForm, JoinForm
from campaigns.signups.hints.queries import STRANGER, known_of, looker
from campaigns.signups.leaving import services as leaving
from campaigns.signups.own import services as own
from campaigns.signups.own.queries import state_at
from campaigns.signups.queries import Joining, joining
from campaigns.signups.telling import services as telling
from core import clock
from core.access import EVERYONE, allow
from core.errors import NotYours
from core.forms import ActionForm, carry_out
from core.i18n import _
from core.parameters import value_on

bp = Blueprint("signups", __name__)
bp.add_app_template_filter(telling.link_secret, "link_secret")


@bp.get("/campaigns/<slug>/join")
@allow(EVERYONE)
def choose(slug: str) -> ResponseReturnValue:
    """Screen one: each slot that still needs people leads to screen two."""
    campaign = queries.edition(slug)
    if campaign.halted:
        raise NotYours
    who = looker(someone())
    slots = ordered(counties(campaign), request.args.get("near", who.near), who.lacking)
    return render_template(
        "signups/choose.html",
        campaign=campaign,
        slots=slots,
        notes=notes(slots, who),
        kinds=[kind for kind in SlotKind if kind in {offer.kind for offer in slots.offers}],
        door=campaign.recruitment.door(clock.today(), sum(one.left for one in slots.offers)),
        came=_came(campaign.id, slots.near),
        labels=labels,
    )


@bp.route("/slots/<uid>/join", methods=["GET", "POST"])
@allow(EVERYONE)
def join(uid: str) -> ResponseReturnValue:
    """Screen two: a name, a contact, an organisation and a tick; one click for who was here."""
    me = someone()
    if me and me.has(Role.VOLUNTEER):
        return _join_again(uid, me)
    form = JoinForm.of_request()

    def disturbs() -> bool:
        return not services.may_write_to(str(form.contact.data), address=address())

    if form.carries_out(lambda: services.sign_up(uid, form.wish(_from())), unless=disturbs):
        by_mail = "@" in str(form.contact.data)
        return redirect(url_for("signups.sent", via="mail" if by_mail else "phone", slot=uid))
    wanted = joining(uid)
    known = known_of(wanted, STRANGER, request.args.get("near", "")[:12])
    party = Party(form.size, late=known.late)
    return _sheet("signups/join.html", wanted, form, party, known=known)


def _came(campaign_id: int, near: str) -> dict[str, str | None]:
    """Return what addresses carry on: the place of the poster, and from where one sets out."""
    return {"from": known_tag(campaign_id, _from()) or None, "near": near or None}


def _from() -> str:
    """Return the tag in the address, as somebody sent it."""
    return request.args.get("from", "")[:8]


def _join_again(uid: str, me: Actor) -> ResponseReturnValue:
    form = AgainForm.of_request()
    if form.carries_out(
        lambda: own.join(uid, size=form.size, queue=form.queues, source=_from(), by=me)
    ):
        flash(_("记下了。下面能看到您的名额，或者排在第几位"), "ok")
        return redirect(url_for("own_signups.show", uid=form.result))
    wanted = joining(uid)
    known = known_of(wanted, looker(me), request.args.get("near", "")[:12])
    party = Party(form.size, state=state_at(wanted.slot_id, me), late=known.late)
    return _sheet("signups/again.html", wanted, form, party, known=known)


def _sheet(
    template: str, wanted: Joining, form: AgainForm, party: Party, **more: object
) -> ResponseReturnValue:
    """Show the slot with its form: to take a seat, to queue for one, or why neither is possible."""
    look_at_slot(wanted.offer.uid, request.environ)
    form.fit(wanted.seats)
    against = can(party, Act.JOIN, wanted.seats)
    page = render_template(
        template,
        wanted=wanted,
        form=form,
        why=said(against) if against else "",
        came=_came(wanted.campaign.id, request.args.get("near", "")[:12]),
        may_queue=bool(against) and can(party, Act.QUEUE, wanted.seats) is None,
        late=against is Why.NO_TIME,
        instead=instead_of(wanted.campaign.slug, someone()) if against is Why.NO_TIME else [],
        labels=labels,
        slot_labels=slot_labels,
        **more,
    )
    return page, form.status


@bp.get("/sign-ups/sent")
@allow(EVERYONE)
def sent() -> ResponseReturnValue:
    """Say what happens next: the same words whether or not the contact was known."""
    slot = request.args.get("slot", "")[:22]
    wanted = joining(slot) if slot else None
    return render_template(
        "signups/sent.html",
        by_mail=request.args.get("via") != "phone",
        hours=value_on(HOLD_HOURS, clock.today()),
        wanted=wanted,
        share=share_of(wanted.campaign.slug) if wanted else None,
        labels=labels,
    )


@bp.route("/sign-ups/confirm/<token>", methods=["GET", "POST"])
@allow(EVERYONE)
def confirm(token: str) -> ResponseReturnValue:
    """Show a button first: programs that look at links in mails must not use them up."""
    found = behind(token)
    form = ActionForm.of_request()
    if form.carries_out(lambda: confirming.confirm(token)):
        return _welcome(token, form.result)
    status = form.status if found.stands else 410
    page = render_template(
        "signups/confirm.html",
        found=found,
        form=form,
        token=token,
        share=share_of(found.campaign_slug) if found.kept else None,
        seats=seat_labels,
    )
    return page, status


def _welcome(token: str, uid: str | None) -> ResponseReturnValue:
    """Sign in whoever has just confirmed; the same form sent twice is answered the same way."""
    secret = confirming.enter(token, agent=agent())
    if secret is None:
        flash(_("报名已确认，名额为您留好了。请用您的账号登录"), "ok")
        return redirect(url_for("accounts.home" if someone() else "accounts.sign_in"))
    sign_in_person(secret)
    flash(_("报名已确认，名额为您留好了。请在“账户与安全”里设一个密码，方便下次登录"), "ok")
    return redirect(url_for("own_signups.show", uid=uid))


@bp.post("/sign-ups/leave/<token>")
@allow(EVERYONE)
def leave(token: str) -> ResponseReturnValue:
    """Step back by the link, whether one has a seat or waits for one."""
    carry_out(lambda: leaving.leave(token))
    flash(_("已退出，名额让给了别人。谢谢您说一声"), "ok")
    return redirect(url_for("signups.confirm", token=token))


@bp.get("/sign-ups")
@allow(Role.COORDINATOR)
def waiting() -> ResponseReturnValue:
    me = person()
    return render_template(
        "signups/waiting.html",
        page=to_call(me, after=request.args.get("after")),
        called=called(me),
        numbered=in_reach_of(me),
        labels=labels,
    )


@bp.post("/sign-ups/<uid>/confirm")
@allow(Role.COORDINATOR)
def confirm_by_call(uid: str) -> ResponseReturnValue:
    """Keep the seat of somebody who was called; whoever is new here gets a code read out."""
    fresh = carry_out(lambda: confirming.confirm_by_call(uid, by=person()))
    if fresh is None:
        flash(_("报名已确认。对方原来就有账号，照常登录即可"), "ok")
        return redirect(url_for("signups.waiting"))
    return _show_code(uid)


@bp.post("/sign-ups/<uid>/code")
@allow(Role.COORDINATOR)
def make_code(uid: str) -> ResponseReturnValue:
    return _show_code(uid)


def _show_code(uid: str) -> ResponseReturnValue:
    """Show a fresh code once; it is kept nowhere, so the same form sent again makes another."""
    return render_template("signups/code.html", code=confirming.code_for(uid, by=person()))


@bp.post("/sign-ups/<uid>/drop")
@allow(Role.COORDINATOR)
def drop(uid: str) -> ResponseReturnValue:
    carry_out(lambda: leaving.drop(uid, by=person()))
    flash(_("已取消，名额让给了别人"), "ok")
    return redirect(url_for("signups.waiting"))
