"""Choose, then confirm: one team for one child; two side by side; a slip of the hand taken back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import person
from children.queries import staffs
from children.services import seen_elsewhere
from core import clock
from core.access import allow
from core.errors import NotYours, RuleBroken
from core.forms import SelectChoice, carry_out
from core.i18n import _
from core.parameters import values_on
from pairings.board import queries
from pairings.board.choosing.rules import lines
from pairings.board.judged.queries import judged
from pairings.board.labels import BOARD_WORDS
from pairings.board.options.rules import Option
from pairings.board.queries import Waiting
from pairings.board.undo import services as undoing
from pairings.forms import ProposeForm
from pairings.page.views import SHOWN_OF_CHILD, WORDS
from pairings.proposals import services as proposals
from pairings.runs.forms import RefuseForm
from pairings.runs.services import accept
from pairings.runs.services import refuse as refuse_proposal
from places.queries import shown

bp = Blueprint("choosing", __name__)
BOTH = 2


@bp.get("/board/<child_uid>/choose/<team_uid>")
@allow(Role.COORDINATOR)
def choose(child_uid: str, team_uid: str) -> ResponseReturnValue:
    """Show what a proposal would be, with the form that makes it."""
    waiting = queries.child(child_uid, person())
    if not waiting.ready:
        return _not_now(waiting)
    (option,) = _picked(waiting, [team_uid])
    ends_on = queries.end_of_school_year(values_on(clock.today()), clock.today())
    return _page(waiting, option, ProposeForm(data={"ends_on": ends_on}))


def _not_now(waiting: Waiting) -> ResponseReturnValue:
    """Lead to the child's page, which says why; that somebody came by is kept all the same."""
    child_uid = waiting.child.uid
    seen_elsewhere(waiting.child.id, by=person(), fields=SHOWN_OF_CHILD)
    return redirect(url_for("pairings.candidates", child_uid=child_uid))


def propose(child_uid: str) -> ResponseReturnValue:
    """Propose what was confirmed, or show the form again with the reason."""
    me, form = person(), ProposeForm.of_request()
    waiting = queries.child(child_uid, me)
    found = judged(waiting, values_on(clock.today()))
    suitable = found.by_uid(found.ranking.suitable)
    form.team.choices = [SelectChoice(uid, found.today[id_].name) for uid, id_ in suitable.items()]
    campaigns = _campaigns(form, waiting)
    picked = suitable.get(str(form.team.data))
    option = found.options([picked])[0] if picked is not None else None
    against: list[str] = []
    if form.carries_out(
        lambda: _proposed(waiting, option, form.proposal(campaigns), me=me, against=against)
    ):
        if form.result:
            flash(_("已提出，等另一位同事审批"), "ok")
            return redirect(url_for("pairings.show", uid=form.result))
        form.form_errors = [*form.form_errors, *against]
    return _page(waiting, option, form)


def _proposed(
    waiting: Waiting,
    option: Option | None,
    proposal: proposals.Proposal,
    *,
    me: Actor,
    against: list[str],
) -> str | None:
    """Propose; what the run itself proposes counts as accepted. Raises RuleBroken.

    What it no longer can stays noted as outdated; `against` then gets the reasons.
    """
    made = waiting.proposal
    if made is None or option is None or not option.proposed:
        return proposals.propose(waiting.child.uid, proposal, by=me)
    accepted = accept(
        made.uid, proposal.note, proposal.ends_on, by=me, campaign_id=proposal.campaign_id
    )
    against += accepted.reasons
    return accepted.pairing_uid


def _page(waiting: Waiting, option: Option | None, form: ProposeForm) -> ResponseReturnValue:
    _campaigns(form, waiting)
    page = render_template(
        "pairings/choose.html",
        waiting=waiting,
        child=staffs(waiting.child),
        option=option,
        form=form,
        back=url_for("pairings.candidates", child_uid=waiting.child.uid),
        **WORDS,
        **BOARD_WORDS,
    )
    seen_elsewhere(waiting.child.id, by=person(), fields=SHOWN_OF_CHILD)
    return page, form.status


def _campaigns(form: ProposeForm, waiting: Waiting) -> dict[str, int]:
    """Fill in what may be chosen; return the ids of the campaigns by their public names."""
    rows = queries.campaigns(waiting.child.county_id) if waiting.ready else []
    form.campaign.choices = [
        SelectChoice("", _("不属于任何活动")),
        *(SelectChoice(row.uid, shown(row.title, row.title_en)) for row in rows),
    ]
    return {row.uid: row.id for row in rows}


def _picked(waiting: Waiting, uids: list[str]) -> list[Option]:
    """Return the teams that were picked, in that order. Raises NotYours for any other."""
    found = judged(waiting, values_on(clock.today()))
    by_uid = found.by_uid([*found.ranking.suitable, *found.ranking.barred])
    if not all(uid in by_uid for uid in uids):
        raise NotYours
    return found.options([by_uid[uid] for uid in uids])


@bp.get("/board/<child_uid>/compare")
@allow(Role.COORDINATOR)
def compare(child_uid: str) -> ResponseReturnValue:
    waiting = queries.child(child_uid, person())
    if not waiting.ready:
        return _not_now(waiting)
    asked = list(dict.fromkeys(request.args.getlist("team")))
    if len(asked) != BOTH:
        flash(_("请勾选两组再对比"), "warn")
        return redirect(url_for("pairings.candidates", child_uid=child_uid))
    both = _picked(waiting, asked)
    page = render_template(
        "pairings/compare.html",
        child=staffs(waiting.child),
        both=both,
        lines=lines(both),
        choose_href=url_for("choosing.choose", child_uid=child_uid, team_uid="-")[:-1],
        back=url_for("pairings.candidates", child_uid=child_uid),
        **WORDS,
        **BOARD_WORDS,
    )
    seen_elsewhere(waiting.child.id, by=person(), fields=SHOWN_OF_CHILD)
    return page


@bp.post("/board/<child_uid>/refuse")
@allow(Role.COORDINATOR)
def refuse(child_uid: str) -> ResponseReturnValue:
    """Say no to the team that the run proposes for a child: no run proposes it again."""
    me, form = person(), RefuseForm.of_request()
    made = queries.child(child_uid, me).proposal
    if made is None:
        raise RuleBroken(_("这一对已经有人决定过了，请刷新页面看看"))
    if not form.carries_out(lambda: refuse_proposal(made.uid, form.refusal, by=me)):
        raise RuleBroken(*(str(one) for one in [*form.form_errors, *form.reason.errors]))
    flash(_("记下了，以后不再提议这一对"), "ok")
    return redirect(url_for("pairings.candidates", child_uid=child_uid))


@bp.post("/pairings/<uid>/undo")
@allow(Role.COORDINATOR)
def undo(uid: str) -> ResponseReturnValue:
    me = person()
    child_uid = carry_out(lambda: undoing.undo(uid, by=me))
    flash(_("已撤销，什么都没有发出"), "ok")
    return redirect(url_for("pairings.candidates", child_uid=child_uid))
