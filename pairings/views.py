"""The pairing board, and the pages of pairings: staff see more of a child than volunteers do."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.queries import names
from accounts.rules import Actor, Role
from accounts.web import person
from children.consents.labels import PURPOSES
from children.consents.queries import lacking_in
from children.labels import AGES, NEEDS, RISK_TAGS, RISK_TONES, SEXES, needs
from children.queries import staffs
from children.rules import Need, Risk
from children.services import seen_elsewhere, seen_in_list
from core import clock
from core.access import allow
from core.errors import NotYours
from core.forms import SelectChoice
from core.i18n import _
from core.parameters import values_on
from core.show import kept, moment
from pairings import queries, services
from pairings.board import queries as board_queries
from pairings.board.queries import Waiting
from pairings.candidates.queries import Cards, cards
from pairings.forms import APPROVE, DecideForm, EndForm, ProposeForm
from pairings.labels import END_REASONS, STAGES, TABS, TONES, against_words, reason_words
from pairings.proposals import services as proposals
from pairings.queries import Shown, Tab
from pairings.reviews import queries as reviews
from pairings.rules import ACCOMPANIED, VISITABLE, Stage
from places.queries import area_names, shown
from volunteers.teams.queries import members

bp = Blueprint("pairings", __name__)
SHOWN_OF_CHILD = ("girl", "risk", "township_id", "needs", "care_hint")
"""What staff see of a child beside its alias tier on the board and on a pairing's page."""
SHOWN_TEAMS = 20
SHOWN_BLOCKED = 30
WORDS = {
    "ages": AGES,
    "need_names": NEEDS,
    "needs_of": needs,
    "purposes": PURPOSES,
    "risks": RISK_TAGS,
    "risk_tones": RISK_TONES,
    "sexes": SEXES,
    "stages": STAGES,
    "tones": TONES,
    "reason_words": reason_words,
    "against_words": against_words,
}


@bp.get("/board")
@allow(Role.COORDINATOR)
def board() -> ResponseReturnValue:
    me, asked = person(), request.args.get("need", "")
    need = Need(asked) if asked in set(Need) else None
    page = board_queries.waiting(me, need, after=request.args.get("after"))
    lacking = board_queries.without_consent(me, need)
    seen_in_list("board", len(page.rows) + len(lacking), by=me)
    return render_template(
        "pairings/board.html",
        page=page,
        lacking=lacking[: board_queries.SHOWN_LACKING],
        more_lacking=len(lacking) > board_queries.SHOWN_LACKING,
        lacking_in=lacking_in,
        places=area_names(row.township_id for row in [*page.rows, *lacking]),
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
    page = render_template(
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
    return page, form.status


@bp.get("/pairings")
@allow(*queries.READERS)
def listing() -> ResponseReturnValue:
    me, asked = person(), request.args.get("tab", "")
    tab = Tab(asked) if asked in set(Tab) else Tab.LIVE
    page = queries.listing(me, tab, after=request.args.get("after"))
    staffed = [row for row in page.rows if row.staff]
    if staffed:  # a team sees no more of its own children here than their aliases
        seen_in_list("pairings", len(staffed), by=me)
    return render_template(
        "pairings/listing.html",
        page=page,
        tab=tab,
        tabs=_tabs(me),
        may_export=me.has(Role.COORDINATOR),
        places=area_names(row.township_id for row in page.rows if row.staff),
        on_board=me.has(Role.COORDINATOR),
        **WORDS,
    )


def _tabs(me: Actor) -> list[tuple[Tab, str]]:
    """Return the tabs that can hold something for this person."""
    names_of = {tab: str(name) for tab, name in TABS.items()}
    if not me.has(*services.DECIDERS):
        del names_of[Tab.MINE_TO_DECIDE], names_of[Tab.REVIEW]
    return list(names_of.items()) if me.has(*queries.STAFF) else []


@bp.get("/pairings/<uid>")
@allow(*queries.READERS)
def show(uid: str) -> ResponseReturnValue:
    seen = queries.shown(uid, person())
    return _pairing(seen, DecideForm(), EndForm())


@bp.post("/pairings/<uid>/decide")
@allow(*services.DECIDERS)
def decide(uid: str) -> ResponseReturnValue:
    me, form = person(), DecideForm.of_request()
    seen = queries.shown(uid, me)
    if not seen.ends:
        raise NotYours
    approves = form.decision.data == APPROVE
    act = proposals.approve if approves else proposals.decline
    if form.carries_out(lambda: act(uid, str(form.note.data or ""), by=me)):
        flash(_("已批准，已通知小组成员") if approves else _("已记为不批准"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    return _pairing(seen, form, EndForm())


@bp.post("/pairings/<uid>/end")
@allow(*services.DECIDERS)
def end(uid: str) -> ResponseReturnValue:
    me, form = person(), EndForm.of_request()
    seen = queries.shown(uid, me)
    if not seen.ends:
        raise NotYours
    if form.carries_out(lambda: services.end(uid, form.ending(), by=me)):
        flash(_("结对已结束"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    return _pairing(seen, DecideForm(), form)


def _pairing(seen: Shown, decision: DecideForm, ending: EndForm) -> ResponseReturnValue:
    """Show a pairing; of the two forms the one that was sent and refused, or the one that fits."""
    me, pairing = person(), seen.pairing
    own_proposal = pairing.stage is Stage.PROPOSED and pairing.proposed_by_id == me.id
    deciding = bool(decision.errors) or (seen.decides and not ending.errors)
    may_end = seen.ends and (pairing.stage in ACCOMPANIED or own_proposal)
    involved = (pairing.proposed_by_id, pairing.decided_by_id, pairing.supervisor_id)
    people = names(involved) if seen.staff else {}
    team = members([pairing.team_id])[pairing.team_id]
    page = render_template(
        "pairings/show.html" if seen.staff else "pairings/show_team.html",
        seen=seen,
        pairing=pairing,
        child=seen.child,
        history=_history(seen, people),
        agreed=_agreed(seen, people),
        may_plan=seen.plans or any(one.leads and one.person_id == me.id for one in team),
        places=area_names([pairing.county_id, pairing.township_id]) if seen.staff else {},
        members=team,
        deciding=deciding,
        ending=bool(ending.errors) or (may_end and not deciding),
        own_proposal=own_proposal,
        review=reviews.waits(pairing, me),
        waits_for_city=pairing.stage is Stage.PROPOSED and seen.child.risk is Risk.HIGH,
        visitable=pairing.stage in VISITABLE,
        decide_form=decision,
        end_form=ending,
        **WORDS,
    )
    if seen.staff:
        seen_elsewhere(seen.child.id, by=me, fields=SHOWN_OF_CHILD)
    return page, decision.status if decision.errors else ending.status


def _history(seen: Shown, people: dict[int | None, str]) -> list[tuple[str, str, str]]:
    """Return what happened to a pairing, for those who may know who did it."""
    pairing, found = seen.pairing, []
    if not seen.staff:
        return []
    found.append(
        (moment(pairing.proposed_at), _("%(name)s 提出", name=people[pairing.proposed_by_id]), "")
    )
    if pairing.decided_at:
        who = people[pairing.decided_by_id]
        said = (
            _("%(name)s 没有批准", name=who)
            if pairing.stage is Stage.DECLINED
            else _("%(name)s 批准", name=who)
        )
        found.append((moment(pairing.decided_at), said, pairing.decision_note))
    if pairing.ended_at and pairing.end_reason:
        found.append((moment(pairing.ended_at), _("结束"), str(END_REASONS[pairing.end_reason])))
    return found


def _agreed(seen: Shown, people: dict[int | None, str]) -> list[tuple[str, str]]:
    """Return what was agreed: for how long, within which campaign, who answers for it."""
    pairing, campaign = seen.pairing, seen.campaign
    found: list[tuple[str, str]] = [(_("约定"), kept(f"{pairing.starts_on} – {pairing.ends_on}"))]
    if campaign:
        found.append((_("活动"), shown(campaign.title, campaign.title_en)))
    if seen.staff and pairing.supervisor_id:
        found.append((_("负责的督导员"), people[pairing.supervisor_id]))
    return found
