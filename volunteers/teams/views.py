"""Pages of coordinators about teams."""

from collections.abc import Callable
from typing import cast

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import count_search, person
from core.access import allow
from core.forms import carry_out
from core.i18n import _
from places.queries import area_names
from volunteers import labels
from volunteers.roster.labels import about
from volunteers.rules import Sex
from volunteers.teams import queries, services
from volunteers.teams.forms import TeamForm
from volunteers.teams.rules import complete

bp = Blueprint("teams", __name__)


def init_app(app: Flask, in_use: Callable[[int], bool]) -> None:
    """Take in the question that only a higher room can answer: whether a team has a child."""
    app.extensions["team_in_use"] = in_use


def _in_use() -> Callable[[int], bool]:
    return cast("Callable[[int], bool]", current_app.extensions["team_in_use"])


@bp.get("/teams")
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    page = queries.listing(person(), after=request.args.get("after"))
    members = queries.members(row.id for row in page.rows)
    return render_template(
        "teams/listing.html",
        page=page,
        teams=[(row, members[row.id], complete(members[row.id])) for row in page.rows],
        statuses=labels.STATUSES,
    )


@bp.route("/teams/new", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def new() -> ResponseReturnValue:
    form = TeamForm.of_request(name=_suggested())
    count_search(str(form.q.data or ""))
    candidates = queries.candidates(person(), q=str(form.q.data or ""), chosen=form.chosen)
    form.offer(candidates)
    looking = "find" in request.form
    if not looking and form.carries_out(lambda: services.form(form.new(), by=person())):
        flash(_("小组成立了，领队已得到安排走访的权限"), "ok")
        return redirect(url_for("teams.show", uid=form.result))
    return (
        render_template(
            "teams/new.html",
            form=form,
            rows=[(box, lead, row, about(row)) for box, lead, row in form.rows(candidates)],
            full=len(candidates) == queries.MOST_CANDIDATES,
        ),
        form.status,
    )


def _suggested() -> str:
    """Return a name nobody has to think about: the county and the team's number in it."""
    counties = [reach.area_id for reach in person().reaches(Role.COORDINATOR)]
    if not counties:
        return ""
    name = area_names(counties)[counties[0]]
    return _("%(county)s %(n)d 组", county=name, n=queries.number_of_teams(counties[0]) + 1)


@bp.get("/teams/<uid>")
@allow(Role.COORDINATOR)
def show(uid: str) -> ResponseReturnValue:
    team = queries.team(uid, person())
    members = queries.members([team.id])[team.id]
    return render_template(
        "teams/show.html",
        team=team,
        members=members,
        uids=queries.volunteer_uids(member.volunteer_id for member in members),
        complete=complete(members),
        women=sum(member.sex is Sex.FEMALE for member in members),
        in_use=_in_use()(team.id),
        labels=labels,
    )


@bp.post("/teams/<uid>/dissolve")
@allow(Role.COORDINATOR)
def dissolve(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.dissolve(uid, by=person(), in_use=_in_use()))
    flash(_("小组已解散"), "ok")
    return redirect(url_for("teams.listing"))
