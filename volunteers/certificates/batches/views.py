"""Certificates for many: ask for them, follow them, print them a part at a time."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.errors import NotYours
from core.forms import SelectChoice, carry_out
from core.i18n import _
from core.paper import missing
from places.queries import organisations, shown
from volunteers.certificates import labels
from volunteers.certificates.batches import queries, services
from volunteers.certificates.batches.forms import BatchForm
from volunteers.certificates.batches.queries import Who
from volunteers.certificates.batches.rules import BUSY
from volunteers.certificates.drawing import drawn
from volunteers.certificates.sheets import Sheet, sheet_of
from volunteers.profile.services import JOINING

bp = Blueprint("certificate_batches", __name__)


@bp.route("/certificates/batches", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    me, form = person(), BatchForm.of_year(clock.today())
    form.county.choices = [
        SelectChoice(str(id_), name) for id_, name in queries.counties(me).items()
    ]
    form.org.choices = [
        SelectChoice("", _("全县的志愿者")),
        *(
            SelectChoice(str(one.id), shown(one.name, one.name_en))
            for one in organisations(JOINING)
        ),
    ]

    def ask() -> str:
        org_id = int(form.org.data) if form.org.data else None
        return services.ask(Who(int(form.county.data), org_id, me.id), form.period(), by=me)

    if form.carries_out(ask):
        return redirect(url_for("certificate_batches.show", uid=form.result))
    page = queries.listing(me, after=request.args.get("after"))
    shown_ = render_template("certificates/batches.html", form=form, page=page, labels=labels)
    return shown_, form.status


@bp.get("/certificates/batches/<uid>")
@allow(Role.COORDINATOR)
def show(uid: str) -> ResponseReturnValue:
    found = queries.batch(uid, person())
    page = queries.part(found, after=request.args.get("after"))
    return render_template(
        "certificates/batch.html",
        strange=[row[0].number for row in page.rows if _sheet(row) is None],
        found=found,
        busy=found.state in BUSY,
        page=page,
        after=request.args.get("after"),
        labels=labels,
    )


@bp.post("/certificates/batches/<uid>/cancel")
@allow(Role.COORDINATOR)
def cancel(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.cancel(uid, by=person()))
    flash(_("已停下，已经开出的照样有效"), "ok")
    return redirect(url_for("certificate_batches.show", uid=uid))


@bp.get("/certificates/batches/<uid>.pdf")
@allow(Role.COORDINATOR)
def pdf(uid: str) -> ResponseReturnValue:
    """Give a part of a batch to print; names that are not in the font are left for the page."""
    found = queries.batch(uid, person())
    page = queries.part(found, after=request.args.get("after"))
    sheets = [sheet for sheet in map(_sheet, page.rows) if sheet]
    if not sheets:
        raise NotYours
    services.printed(found, len(sheets), by=person())
    answer = Response(drawn(sheets), content_type="application/pdf")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.set("Content-Disposition", "attachment", filename="certificates.pdf")
    return answer


def _sheet(row: tuple[object, ...]) -> Sheet | None:
    sheet = sheet_of(row[0])  # type: ignore[arg-type]  # the query gives certificates
    return sheet if sheet and not missing(*sheet.texts) else None
