"""All proposals of the newest run: ticked, looked over, accepted together, taken back at once."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from children.services import seen_in_list
from core import clock
from core.access import allow
from core.db import AnyRow
from core.errors import RuleBroken
from core.forms import SelectChoice, carry_out
from core.i18n import _
from core.parameters import value_on, values_on
from pairings.board import queries as board
from pairings.board.bulk import queries, services
from pairings.board.bulk.forms import AcceptForm
from pairings.board.bulk.labels import SNAGS
from pairings.board.bulk.rules import Snag, Wanted, short_of_places
from pairings.board.heads.queries import head
from pairings.board.labels import BOARD_WORDS
from pairings.board.undo.services import SHOWN
from pairings.page.views import WORDS
from places.queries import shown

bp = Blueprint("proposals", __name__)
ALL = "all"


@bp.get("/board/proposals")
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    me = person()
    page = queries.proposals(me, _overdue(), after=request.args.get("after"))
    seen_in_list("proposals", len(page.rows), by=me)
    return render_template(
        "pairings/proposals.html",
        page=page,
        head=head(me),
        run_href=url_for("match_runs.listing"),
        most=queries.AT_ONCE,
        printed_at=clock.now(),
        today=clock.today(),
        **WORDS,
        **BOARD_WORDS,
    )


@bp.post("/board/proposals/accept")
@allow(Role.COORDINATOR)
def accept() -> ResponseReturnValue:
    """Show what was ticked; once that has been seen and filled in, accept what still holds."""
    me, form = person(), AcceptForm.of_request()
    whole = request.form.get("which") == ALL
    days, ticked = _overdue(), request.form.getlist("p")
    rows = queries.all_open(me, days) if whole else queries.picked(me, days, ticked)
    if not rows:
        raise RuleBroken(_("没有勾选，或者勾选的提议已经有人决定过了"))
    campaigns = _offered(form, rows)
    if not form.sure.data:
        return _preview(AcceptForm(data=_defaults()), rows)
    left_out = _snags(rows)
    uids = [row.uid for row in rows if row.uid not in left_out]
    how = services.Acceptance(
        str(form.note.data),
        form.ends_on.data,  # type: ignore[arg-type]  # required
        campaigns.get(str(form.campaign.data)),
    )
    done: list[services.Outcome] = []
    if form.carries_out(lambda: done.extend(services.accept_all(uids, how, by=me))):
        return _told(done, rows) if done else redirect(url_for("proposals.listing"))
    return _preview(form, rows)


def _overdue() -> int:
    return int(value_on("pairings.overdue_days", clock.today()))


def _defaults() -> dict[str, object]:
    today = clock.today()
    return {"ends_on": board.end_of_school_year(values_on(today), today), "sure": "1"}


def _offered(form: AcceptForm, rows: Sequence[AnyRow]) -> dict[str, int]:
    """Fill in the campaigns that all the children's counties share; return their ids by name."""
    each = [board.campaigns(county) for county in sorted({row.county_id for row in rows})]
    shared = set.intersection(*({row.uid for row in one} for one in each))
    found = [row for row in each[0] if row.uid in shared]
    form.campaign.choices = [
        SelectChoice("", _("不属于任何活动")),
        *(SelectChoice(row.uid, shown(row.title, row.title_en)) for row in found),
    ]
    return {row.uid: row.id for row in found}


def _snags(rows: Sequence[AnyRow]) -> dict[str, Snag]:
    """Return which of the proposals are left out, and why."""
    found = {row.uid: snag for row in rows if (snag := _own_snag(row))}
    wanted = [Wanted(row.uid, row.team_id, row.tier, row.score) for row in rows]
    wanted = [one for one in wanted if one.uid not in found]
    most = int(value_on("volunteers.most_children", clock.today()))
    places = queries.places({one.team for one in wanted}, most)
    return found | short_of_places(wanted, places.people, places.left)


def _own_snag(row: AnyRow) -> Snag | None:
    if not row.waits:
        return Snag.WAITS
    if not row.agreed:
        return Snag.AGREED
    return None if row.stands else Snag.STANDS


def _preview(form: AcceptForm, rows: Sequence[AnyRow]) -> ResponseReturnValue:
    if not form.campaign.choices:
        _offered(form, rows)
    left_out = _snags(rows)
    page = render_template(
        "pairings/accept.html",
        form=form,
        holding=[row for row in rows if row.uid not in left_out],
        others=[(row, SNAGS[left_out[row.uid]]) for row in rows if row.uid in left_out],
        **WORDS,
    )
    seen_in_list("proposals", len(rows), by=person())
    return page, form.status


def _told(done: Sequence[services.Outcome], rows: Sequence[AnyRow]) -> ResponseReturnValue:
    by_uid = {row.uid: row for row in rows}
    made = [(one, by_uid[one.uid]) for one in done if one.pairing]
    failed = [(one, by_uid[one.uid]) for one in done if not one.pairing]
    page = render_template(
        "pairings/accepted.html",
        made=made,
        failed=failed,
        seconds=SHOWN.seconds,
        **WORDS,
    )
    seen_in_list("accepted", len(done), by=person())
    return page


@bp.post("/board/proposals/undo")
@allow(Role.COORDINATOR)
def undo() -> ResponseReturnValue:
    me, uids = person(), request.form.getlist("p")[: queries.AT_ONCE]
    told = carry_out(lambda: "/".join(map(str, services.undo_all(uids, by=me))))
    gone, kept = (int(one) for one in str(told or "0/0").split("/"))
    if gone:
        flash(_("撤销了 %(n)d 对，什么都没有发出", n=gone), "ok")
    if kept:
        flash(_("%(n)d 对已经过了可以撤销的时间，请在结对页面上办理", n=kept), "warn")
    return redirect(url_for("proposals.listing"))
