"""How many came from where and how far: for those who work on a campaign or in its counties."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns.funnel import labels, queries, services
from campaigns.funnel.queries import Asked, Places
from campaigns.funnel.rules import period_of
from campaigns.manage.rules import WORKING
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from core.sheets import csv_file, xlsx_file

bp = Blueprint("funnel", __name__)
READING = (*WORKING, Role.COORDINATOR)
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/manage/campaigns/<uid>/numbers")
@allow(*READING)
def show(uid: str) -> ResponseReturnValue:
    me = person()
    wanted, places = _wanted(uid)
    numbers = queries.numbers(wanted, places)
    return render_template(
        "funnel/show.html",
        campaign=wanted.campaign,
        wanted=wanted,
        numbers=numbers,
        steps=labels.steps(numbers.total),
        names=labels.source_names(places),
        choices=labels.choices(places),
        chosen=wanted.place,
        works=wanted.counties is None,
        calls=me.has(Role.COORDINATOR),
        labels=labels,
    )


@bp.post('/manage/campaigns/<uid>/numbers/<any("csv","xlsx"):kind>')
@allow(*READING, step_up=True)
def export(uid: str, kind: str) -> ResponseReturnValue:
    """Hand out what the page shows, with the same filters, and keep that it was."""
    me = person()
    wanted, places = _wanted(uid)
    carry_out(lambda: services.note_export(uid, by=me))
    rows = labels.lines(queries.numbers(wanted, places), labels.source_names(places))
    note = f"{wanted.campaign.title} · {labels.PERIODS[wanted.period]} · {_chosen(wanted, places)}"
    made = (
        csv_file(labels.header(), rows, note=note)
        if kind == "csv"
        else xlsx_file(_("数字"), labels.header(), rows, note=note)
    )
    name = f"{wanted.campaign.slug}-numbers.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(made, content_type=KINDS[kind], headers=headers)


def _wanted(uid: str) -> tuple[Asked, Places]:
    found = queries.asked(uid, person())
    places = queries.places_of(found.campaign.id)
    period = period_of(request.args.get("days", ""))
    return queries.narrowed(found, period, request.args.get("place", ""), places), places


def _chosen(wanted: Asked, places: Places) -> str:
    return dict(labels.choices(places))[wanted.place]
