"""The pairing board, and the pages of pairings: staff see more of a child than volunteers do."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import person
from children.services import seen_in_list
from core.access import allow
from core.errors import NotYours
from core.i18n import _
from pairings import queries, services
from pairings.agreements import views as agreement_views
from pairings.answers import views as answer_views
from pairings.board import views as board_pages
from pairings.board.bulk import views as bulk_pages
from pairings.board.choosing import views as choosing_pages
from pairings.board.teams import views as team_pages
from pairings.desk.queries import WORK, listed_in
from pairings.endings import services as endings
from pairings.fairness import views as fairness_views
from pairings.forecast import views as forecast_views
from pairings.forms import APPROVE, DecideForm, EndForm
from pairings.keys import services as keys
from pairings.labels import TABS
from pairings.lasting import views as lasting_views
from pairings.letters import views as letter_views
from pairings.page import views as page
from pairings.page.views import WORDS
from pairings.queries import Tab
from pairings.runs import views as run_views
from pairings.steps import views as step_views
from pairings.voices import views as voice_views
from pairings.voices.due import views as due_views
from places.queries import area_names

bp = Blueprint("pairings", __name__)


@bp.get("/board")
@allow(Role.COORDINATOR)
def board() -> ResponseReturnValue:
    return board_pages.board()


@bp.get("/board/<child_uid>")
@allow(Role.COORDINATOR)
def candidates(child_uid: str) -> ResponseReturnValue:
    return board_pages.candidates(child_uid)


@bp.post("/board/<child_uid>/propose")
@allow(Role.COORDINATOR)
def propose(child_uid: str) -> ResponseReturnValue:
    return choosing_pages.propose(child_uid)


@bp.get("/pairings")
@allow(*queries.READERS)
def listing() -> ResponseReturnValue:
    me, asked = person(), request.args.get("tab", "")
    tab = Tab(asked) if asked in set(Tab) else Tab.LIVE
    rows = queries.listing(me, listed_in(tab, me), after=request.args.get("after"))
    staffed = [row for row in rows.rows if row.staff]
    if staffed:  # a team sees no more of its own children here than their aliases
        seen_in_list("pairings", len(staffed), by=me)
    return render_template(
        "pairings/listing.html",
        page=rows,
        tab=tab,
        tabs=_tabs(me, tab),
        may_export=me.has(Role.COORDINATOR),
        places=area_names(row.township_id for row in rows.rows if row.staff),
        on_board=me.has(Role.COORDINATOR),
        waits=tab in WORK or tab is Tab.REARRANGE,
        **WORDS,
    )


def _tabs(me: Actor, current: Tab) -> list[tuple[Tab, str]]:
    """Return the tabs that can hold something for this person."""
    names_of = {tab: str(name) for tab, name in TABS.items() if tab not in WORK or tab is current}
    if not me.has(*services.DECIDERS):
        del names_of[Tab.MINE_TO_DECIDE], names_of[Tab.REARRANGE]
    return list(names_of.items()) if me.has(*queries.STAFF) else []


@bp.get("/pairings/<uid>")
@allow(*queries.READERS)
def show(uid: str) -> ResponseReturnValue:
    seen = queries.shown(uid, person())
    return page.pairing(seen, DecideForm(), EndForm())


@bp.post("/pairings/<uid>/decide")
@allow(*services.DECIDERS)
def decide(uid: str) -> ResponseReturnValue:
    me, form = person(), DecideForm.of_request()
    seen = queries.shown(uid, me)
    if not seen.ends:
        raise NotYours
    approves = form.decision.data == APPROVE

    def act() -> None:
        if approves:
            keys.approve(uid, str(form.note.data or ""), by=me)
        else:
            keys.decline(uid, form.refusal(), by=me)

    if form.carries_out(act):
        flash(_("已批准") if approves else _("已记为不批准"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    return page.pairing(seen, form, EndForm())


@bp.post("/pairings/<uid>/end")
@allow(*services.DECIDERS)
def end(uid: str) -> ResponseReturnValue:
    me = person()
    seen = queries.shown(uid, me)
    if not seen.ends:
        raise NotYours
    form = EndForm.of_request().fits(seen.pairing.stage)
    if form.carries_out(lambda: endings.end(uid, form.ending(), by=me)):
        flash(_("结对已结束"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    return page.pairing(seen, DecideForm(), form)


BLUEPRINTS = (
    bp,
    board_pages.bp,
    choosing_pages.bp,
    bulk_pages.bp,
    team_pages.bp,
    answer_views.bp,
    agreement_views.bp,
    step_views.bp,
    run_views.bp,
    fairness_views.bp,
    forecast_views.bp,
    lasting_views.bp,
    voice_views.bp,
    due_views.bp,
    letter_views.bp,
)
