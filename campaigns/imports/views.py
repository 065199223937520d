"""Pages of imports: bringing a list, following it, confirming, undoing, taking the rest home."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.exports.rules import Format
from accounts.exports.views import TYPES
from accounts.rules import Role
from accounts.web import person
from campaigns.blocks.queries import block
from campaigns.imports import labels, queries, services
from campaigns.imports.forms import BringForm, ConfirmForm
from campaigns.imports.models import ImportRun
from campaigns.imports.rules import BUSY, FAILED, Fate, State
from core import sheets
from core.access import allow
from core.bodies import takes
from core.errors import NotYours
from core.forms import carry_out
from core.i18n import _

bp = Blueprint("imports", __name__)
BRINGING = (Role.COORDINATOR, Role.ORG_LEAD)
BESIDES = 1024 * 1024
"""Bytes of a form beside its file: what is pasted, encoded."""


@bp.route("/seat-blocks/<uid>/lists", methods=["GET", "POST"])
@allow(*BRINGING)
@takes(sheets.MOST_BYTES + BESIDES)
def new(uid: str) -> ResponseReturnValue:
    me, form = person(), BringForm.of_request()
    kept = block(uid, me)

    def floods() -> bool:
        services.may_bring(me)
        return False

    if form.carries_out(lambda: services.bring(uid, form.brought, by=me), unless=floods):
        return redirect(url_for("imports.show", uid=form.result))
    page = queries.runs(kept.block.id, me, after=request.args.get("after"))
    shown = render_template("imports/new.html", kept=kept, form=form, page=page, labels=labels)
    return shown, form.status


@bp.get("/seat-blocks/lists/template.<what>")
@allow(*BRINGING)
def template(what: str) -> ResponseReturnValue:
    wanted, header = _kind(what), [str(name) for name in labels.COLUMNS.values()]
    example = [_("（示例，请删掉）"), "", "name@example.org", "中文"]
    if wanted is Format.CSV:
        return _file(sheets.csv_file(header, [example]), Format.CSV, "members")
    choices = {header[-1]: ("中文", "English")}
    made = sheets.blank_file(_("成员名单"), dict(zip(header, example, strict=True)), choices)
    return _file(made, Format.XLSX, "members")


def _kind(kind: str) -> Format:
    """Return the kind of a file that an address names. Raises NotYours."""
    try:
        return Format(kind)
    except ValueError as error:
        raise NotYours from error


def _file(data: bytes, kind: Format, name: str) -> Response:
    answer = Response(data, content_type=TYPES[kind])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{kind.value}")
    return answer


@bp.get("/lists/<uid>")
@allow(*BRINGING)
def show(uid: str) -> ResponseReturnValue:
    found, kept = queries.run(uid, person())
    counted = queries.counts(found.id)
    show = request.args.get("show", "")
    show = show if show in queries.SHOWN else _first(counted)
    return render_template(
        "imports/show.html",
        found=found,
        kept=kept,
        sums={name: _sum(counted, fates) for name, fates in queries.SHOWN.items()},
        placed=counted.get(Fate.PLACED, 0),
        good=counted.get(Fate.GOOD, 0),
        same_names=counted.get(Fate.SAME_NAME, 0),
        failed=_sum(counted, FAILED),
        left=kept.block.capacity - kept.block.taken if kept.is_open else 0,
        page=queries.rows(found.id, show, after=request.args.get("after")),
        show=show,
        progress=_progress(found, counted),
        form=ConfirmForm(),
        labels=labels,
        states=State,
    )


def _sum(counted: dict[Fate, int], fates: frozenset[Fate]) -> int:
    return sum(counted.get(fate, 0) for fate in fates)


def _first(counted: dict[Fate, int]) -> str:
    """Return what a page shows unasked: what is to be mended, if there is anything."""
    return "mend" if _sum(counted, queries.SHOWN["mend"]) else "good"


def _progress(found: ImportRun, counted: dict[Fate, int]) -> tuple[int, int] | None:
    """Return how many rows of how many have been gone through; None when nothing is being done."""
    if found.state not in BUSY:
        return None
    if found.state is State.CHECKING:
        return found.checked, found.total
    waits = counted.get(Fate.GOOD, 0)
    if found.same_names:
        waits += counted.get(Fate.SAME_NAME, 0)
    return found.total - waits, found.total


@bp.post("/lists/<uid>/confirm")
@allow(*BRINGING)
def confirm(uid: str) -> ResponseReturnValue:
    me, form = person(), ConfirmForm.of_request()
    carry_out(lambda: services.confirm(uid, same_names=bool(form.same_names.data), by=me))
    flash(_("开始导入。每位成员会收到邮件或电话，自己确认"), "ok")
    return redirect(url_for("imports.show", uid=uid))


@bp.post("/lists/<uid>/undo")
@allow(*BRINGING)
def undo(uid: str) -> ResponseReturnValue:
    me = person()
    withdrawn = carry_out(lambda: str(services.undo(uid, by=me)))
    flash(_("撤下了 %(n)d 个还没有确认的名额", n=int(withdrawn or 0)), "ok")
    return redirect(url_for("imports.show", uid=uid))


@bp.post("/lists/<uid>/rows.<kind>")
@allow(*BRINGING)
def failed(uid: str, kind: str) -> ResponseReturnValue:
    me, wanted = person(), _kind(kind)
    found, _kept = queries.run(uid, me)
    carry_out(lambda: services.take_failed(uid, by=me))
    header = [*(str(name) for name in labels.COLUMNS.values()), _("要改的地方")]
    rows = [
        (row.name, row.phone, row.email, row.language, labels.said(row.fate, row.other))
        for row in queries.to_mend(found.id)
    ]
    if wanted is Format.CSV:
        return _file(sheets.csv_file(header, rows), Format.CSV, "to-mend")
    return _file(sheets.xlsx_file(_("成员名单"), header, rows), Format.XLSX, "to-mend")
