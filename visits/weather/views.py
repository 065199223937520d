"""The page that stops a county's visits for a day: snow on the roads waits for no form."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from visits.weather import queries, services
from visits.weather.forms import WeatherForm

bp = Blueprint("weather", __name__)


@bp.route("/bad-weather", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def board() -> ResponseReturnValue:
    counties = queries.counties(person())
    first = counties[0].id if counties else None
    form = WeatherForm.of_request(county=first, day=clock.today()).offer(counties)
    if form.carries_out(lambda: _stopped(form)):
        many = int(form.result or 0)
        flash(_("这一天不走访了；取消了 %(n)d 次，已经通知到人", n=many), "ok")
        return redirect(url_for("weather.board"))
    page = render_template("weather/board.html", form=form, days=queries.coming(person()))
    return page, form.status


def _stopped(form: WeatherForm) -> str:
    return str(services.stop(int(form.county.data), form.on(), by=person()))


@bp.post("/bad-weather/<uid>/lift")
@allow(Role.COORDINATOR)
def lift(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.let_go(uid, by=person()))
    flash(_("这一天又可以安排走访了；已经取消的不会自动恢复"), "ok")
    return redirect(url_for("weather.board"))
