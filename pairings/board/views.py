"""The pairing board: who waits, which teams suit and why, what has been decided on."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.saved import services as saving
from accounts.web import person
from children.consents.queries import lacking_in
from children.queries import staffs
from children.services import seen_elsewhere, seen_in_list
from core import clock
from core.access import allow
from core.db import transaction
from core.errors import RuleBroken
from core.forms import carry_out
from core.i18n import _
from core.parameters import value_on, values_on
from pairings.board import labels, queries
from pairings.board.filtering.queries import offered as offered_to
from pairings.board.forms import SaveForm
from pairings.board.heads.queries import head
from pairings.board.judged.queries import judged
from pairings.board.labels import BOARD_WORDS
from pairings.board.live.queries import live
from pairings.board.rules import DAYS, Filters, Show, filters_of
from pairings.page.views import SHOWN_OF_CHILD, WORDS
from pairings.runs.forms import RefuseForm

bp = Blueprint("board", __name__)
PLACE = "board"
BESIDE = 8
"""How many pairings stand in the third column."""
SHOWN_TEAMS, SHOWN_BARRED = 12, 15


def board() -> ResponseReturnValue:
    """Show who waits, what the run says and what has been decided on."""
    me, filters = person(), filters_of(request.args)
    columns, offered = _columns(me, filters, _overdue()), offered_to(PLACE, me)
    seen_in_list("board", len(columns["page"].rows), by=me)
    return render_template(
        "pairings/board.html",
        chosen="",
        head=head(me),
        saved=offered.saved,
        townships=offered.townships,
        days=[(days, _("%(n)d 天以上", n=days)) for days in DAYS],
        shows=labels.SHOWS,
        save_form=SaveForm(),
        **columns,
    )


def candidates(child_uid: str) -> ResponseReturnValue:
    """Show one child with the teams that suit it, between the two other columns."""
    me, filters = person(), filters_of(request.args)
    waiting = queries.child(child_uid, me)
    child_id, values = waiting.child.id, values_on(clock.today())
    first = SHOWN_TEAMS * _page_number()
    found = judged(waiting, values)
    number, last = len(found.ranking.suitable), first + SHOWN_TEAMS
    barred = found.ranking.barred[:SHOWN_BARRED]
    options = found.options([*found.ranking.suitable[first:last], *barred])
    suitable = options[: len(options) - len(barred)]
    columns = _columns(me, filters, values["pairings.overdue_days"])
    page = render_template(
        "pairings/candidates.html",
        waiting=waiting,
        child=staffs(waiting.child),
        chosen=child_uid,
        suitable=suitable,
        barred=options[len(suitable) :],
        most=found.most,
        number=number,
        number_barred=len(found.ranking.barred),
        page_of_options=first,
        left=number - last,
        more=_more(child_uid, filters, last // SHOWN_TEAMS) if number > last else "",
        nobody=labels.nobody_words(waiting),
        refusing=RefuseForm() if any(one.proposed for one in suitable) else None,
        choose_href=url_for("choosing.choose", child_uid=child_uid, team_uid="-")[:-1],
        back=url_for("pairings.board", **filters.args()),
        **columns,
    )
    with transaction():
        seen_in_list("board", len(columns["page"].rows), by=me)
        seen_elsewhere(child_id, by=me, fields=SHOWN_OF_CHILD)
    return page


def _page_number() -> int:
    asked = request.args.get("p", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0


def _more(child_uid: str, filters: Filters, page: int) -> str:
    return url_for("pairings.candidates", child_uid=child_uid, p=page, **filters.args())


def _overdue() -> int:
    return int(value_on("pairings.overdue_days", clock.today()))


def _columns(me: Actor, filters: Filters, overdue_days: int) -> dict[str, Any]:
    """Return what the first and the third column show, and what all of it is called."""
    return {
        "page": queries.waiting(
            me, filters, overdue_days=overdue_days, after=request.args.get("after")
        ),
        "live": live(me, after=None, size=BESIDE),
        "filters": filters,
        "lacking": filters.show is Show.LACKING,
        "lacking_in": lacking_in,
        "kid_href": url_for("pairings.candidates", child_uid="-")[:-1],
        "kid_args": "?" + filters.query if filters.query else "",
        "pairing_href": url_for("pairings.show", uid="-")[:-1],
        "run_href": url_for("match_runs.listing"),
        "today": clock.today(),
        "printed_at": clock.now(),
        **WORDS,
        **BOARD_WORDS,
    }


@bp.post("/board/filters")
@allow(Role.COORDINATOR)
def save_filters() -> ResponseReturnValue:
    me, filters = person(), filters_of(request.args)
    form = SaveForm.of_request()
    if not form.carries_out(lambda: saving.save(PLACE, str(form.name.data), filters.query, by=me)):
        reasons = [str(one) for one in [*form.form_errors, *form.name.errors]]
        raise RuleBroken(*reasons)
    flash(_("存好了，下次点一下就到"), "ok")
    return redirect(url_for("pairings.board", **filters.args()))


@bp.post("/board/filters/<uid>/drop")
@allow(Role.COORDINATOR)
def drop_filters(uid: str) -> ResponseReturnValue:
    me = person()
    carry_out(lambda: saving.drop(uid, by=me))
    flash(_("删掉了"), "ok")
    return redirect(url_for("pairings.board"))
