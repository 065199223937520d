"""The public list of wishes, claiming one, and the page behind the link."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.web import address
from campaigns import queries as campaigns
from campaigns.rules import HOLD_HOURS
from campaigns.seats.rules import Act, Party, can
from campaigns.signups.services import may_write_to
from campaigns.wishes import labels, queries, services
from campaigns.wishes.forms import ClaimForm
from campaigns.wishes.rules import WISH_BRING_DAYS, drop_off_code
from campaigns.wishes.telling.services import claim_secret
from core import clock
from core.access import EVERYONE, allow
from core.errors import NotYours
from core.forms import ActionForm, carry_out
from core.i18n import _
from core.parameters import value_on

bp = Blueprint("wishes", __name__)
bp.add_app_template_filter(claim_secret, "claim_secret")


@bp.get("/campaigns/<slug>/wishes")
@allow(EVERYONE)
def listing(slug: str) -> ResponseReturnValue:
    campaign = campaigns.edition(slug)
    if campaign.halted:
        raise NotYours
    centre = request.args.get("centre", "")[:22]
    return render_template(
        "wishes/public.html",
        campaign=campaign,
        page=queries.cards(campaign.id, centre_uid=centre, after=request.args.get("after")),
        centres=queries.centres_of(campaign.id),
        centre=centre,
        labels=labels,
    )


@bp.route("/wishes/<uid>/claim", methods=["GET", "POST"])
@allow(EVERYONE)
def claim(uid: str) -> ResponseReturnValue:
    wish, form = queries.wanted(uid), ClaimForm.of_request()

    def disturbs() -> bool:
        return not may_write_to(str(form.contact.data), address=address())

    if form.carries_out(lambda: services.claim(uid, form.donor()), unless=disturbs):
        by_mail = "@" in str(form.contact.data)
        return redirect(url_for("wishes.sent", via="mail" if by_mail else "phone"))
    against = can(Party(), Act.JOIN, wish.seats)
    page = render_template(
        "wishes/claim.html",
        wish=wish,
        form=form,
        why=labels.said(against) if against else "",
        days=value_on(WISH_BRING_DAYS, clock.today()),
        labels=labels,
    )
    return page, form.status


@bp.get("/wishes/sent")
@allow(EVERYONE)
def sent() -> ResponseReturnValue:
    """Say what happens next: the same words whether or not the contact was known."""
    return render_template(
        "wishes/sent.html",
        by_mail=request.args.get("via") != "phone",
        hours=value_on(HOLD_HOURS, clock.today()),
    )


@bp.route("/wish-claims/<token>", methods=["GET", "POST"])
@allow(EVERYONE)
def behind(token: str) -> ResponseReturnValue:
    """Show a button first: programs that look at links in mails must not use them up."""
    found, form = queries.behind(token), ActionForm.of_request()
    if form.carries_out(lambda: services.confirm(token)):
        flash(_("已确认。请在期限内把东西送到中心，带上送达码"), "ok")
        return redirect(url_for("wishes.behind", token=token))
    page = render_template(
        "wishes/behind.html",
        found=found,
        form=form,
        token=token,
        code=drop_off_code(token) if found.to_bring else "",
        labels=labels,
    )
    return page, form.status if found.stands else 410


@bp.post("/wish-claims/<token>/leave")
@allow(EVERYONE)
def leave(token: str) -> ResponseReturnValue:
    """Let go of a wish by the link."""
    carry_out(lambda: services.leave(token))
    flash(_("已取消，心愿让给了别人。谢谢您说一声"), "ok")
    return redirect(url_for("wishes.behind", token=token))
