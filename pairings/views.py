"""The pairing board, and the pages of pairings: staff see more of a child than volunteers do."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import person
from children.consents.queries import lacking_in
from children.queries import staffs
from children.rules import Need
from children.services import seen_elsewhere, seen_in_list
from core import clock
from core.access import allow
from core.errors import NotYours
from core.forms import SelectChoice
from core.i18n import _
from core.parameters import values_on
from pairings import queries, services
from pairings.agreements import views as agreement_views
from pairings.answers import views as answer_views
from pairings.board import queries as board_queries
from pairings.board.queries import Waiting
from pairings.candidates.queries import Cards, cards
from pairings.desk.queries import WORK, listed_in
from pairings.endings import services as endings
from pairings.forms import APPROVE, DecideForm, EndForm, ProposeForm
from pairings.keys import services as keys
from pairings.labels import TABS
from pairings.page import views as page
from pairings.page.views import SHOWN_OF_CHILD, WORDS
from pairings.proposals import services as proposals
from pairings.queries import Tab
from pairings.runs import views as run_views
from pairings.steps import views as step_views
from places.queries import area_names, shown

bp = Blueprint("pairings", __name__)
SHOWN_TEAMS = 20
SHOWN_BLOCKED = 30


@bp.get("/board")
@allow(Role.COORDINATOR)
def board() -> ResponseReturnValue:
    me, asked = person(), request.args.get("need", "")
    need = Need(asked) if asked in set(Need) else None
    found = board_queries.waiting(me, need, after=request.args.get("after"))
    lacking = board_queries.without_consent(me, need)
    seen_in_list("board", len(found.rows) + len(lacking), by=me)
    return render_template(
        "pairings/board.html",
        page=found,
        lacking=lacking[: board_queries.SHOWN_LACKING],
        more_lacking=len(lacking) > board_queries.SHOWN_LACKING,
        lacking_in=lacking_in,
        places=area_names(row.township_id for row in [*found.rows, *lacking]),
        need=need,
        today=clock.today(),
        **WORDS,
    )


@bp.get("/board/<child_uid>")
@allow(Role.COORDINATOR)
def candidates(child_uid: str) -> ResponseReturnValue:
    waiting = board_queries.child(child_uid, person())
    today, values = clock.today(), values_on(clock.today())
    form = ProposeForm(data={"ends_on": board_queries.end_of_school_year(values, today)})
    return _candidates(waiting, form, _teams_for(waiting, values))


@bp.post("/board/<child_uid>/propose")
@allow(Role.COORDINATOR)
def propose(child_uid: str) -> ResponseReturnValue:
    me = person()
    waiting, form = board_queries.child(child_uid, me), ProposeForm.of_request()
    found = _teams_for(waiting, values_on(clock.today()))
    offered = _offer(form, waiting, found)
    if form.carries_out(lambda: proposals.propose(child_uid, form.proposal(offered), by=me)):
        flash(_("已提出，等另一位同事审批"), "ok")
        return redirect(url_for("pairings.show", uid=form.result))
    return _candidates(waiting, form, found)


def _teams_for(waiting: Waiting, values: Mapping[str, Any]) -> Cards:
    if not waiting.ready:
        return Cards([], [])
    return cards(waiting.child, waiting.free, values, on=clock.today())


def _offer(form: ProposeForm, waiting: Waiting, found: Cards) -> dict[str, int]:
    """Fill in what may be chosen; return the ids of the campaigns by their public names."""
    campaigns = board_queries.campaigns(waiting.child.county_id) if waiting.ready else []
    form.team.choices = [SelectChoice(card.uid, card.name) for card in found.suitable]
    form.campaign.choices = [
        SelectChoice("", _("不属于任何活动")),
        *(SelectChoice(row.uid, shown(row.title, row.title_en)) for row in campaigns),
    ]
    return {row.uid: row.id for row in campaigns}


def _candidates(waiting: Waiting, form: ProposeForm, found: Cards) -> ResponseReturnValue:
    _offer(form, waiting, found)
    limit = None if request.args.get("show") == "all" else SHOWN_TEAMS
    shown_page = render_template(
        "pairings/candidates.html",
        waiting=waiting,
        child=staffs(waiting.child),
        form=form,
        suitable=list(zip(found.suitable, form.team, strict=True))[:limit],
        number=len(found.suitable),
        blocked=found.blocked[:SHOWN_BLOCKED],
        number_blocked=len(found.blocked),
        today=clock.today(),
        **WORDS,
    )
    seen_elsewhere(waiting.child.id, by=person(), fields=SHOWN_OF_CHILD)
    return shown_page, form.status


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


BLUEPRINTS = (bp, answer_views.bp, agreement_views.bp, step_views.bp, run_views.bp)
