"""Pages of coordinators about teams."""

from typing import cast

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import count_search, person
from core.access import allow
from core.forms import SelectChoice
from core.i18n import _
from volunteers import labels
from volunteers.roster.labels import about
from volunteers.rules import Sex, Status
from volunteers.teams import queries, services
from volunteers.teams.forming import views as forming
from volunteers.teams.forming.seeking.queries import Children
from volunteers.teams.forms import DissolveForm, LeadForm, TeamForm
from volunteers.teams.labels import PARTINGS
from volunteers.teams.rules import complete

bp = Blueprint("teams", __name__)
BLUEPRINTS = (bp, forming.bp)


def init_app(app: Flask, children: Children, let_go: services.LetGo) -> None:
    """Take in what only higher rooms can answer or do: a team's children, and letting it go."""
    app.extensions.update(children_by_team=children, team_let_go=let_go)


def _children(team_id: int) -> int:
    asked = cast("Children", current_app.extensions["children_by_team"])
    return asked([team_id]).get(team_id, 0)


@bp.get("/teams")
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    short = request.args.get("show") == "short"
    page = queries.listing(person(), after=request.args.get("after"), only_short=short)
    members = queries.members(row.id for row in page.rows)
    return render_template(
        "teams/listing.html",
        page=page,
        short=short,
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
    counties = [reach.area_id for reach in person().reaches(Role.COORDINATOR)]
    return queries.next_name(counties[0]) if counties else ""


@bp.get("/teams/<uid>")
@allow(Role.COORDINATOR)
def show(uid: str) -> ResponseReturnValue:
    return _page(uid, DissolveForm(), LeadForm())


def _page(uid: str, letting_go: DissolveForm, leading: LeadForm) -> ResponseReturnValue:
    team = queries.team(uid, person())
    members = queries.members([team.id])[team.id]
    uids = queries.volunteer_uids(member.volunteer_id for member in members)
    others = [one for one in members if not one.leads and one.status is Status.ACTIVE]
    leading.leader.choices = [SelectChoice(uids[one.volunteer_id], one.name) for one in others]
    shown = render_template(
        "teams/show.html",
        team=team,
        members=members,
        uids=uids,
        complete=complete(members),
        women=sum(member.sex is Sex.FEMALE for member in members),
        children=_children(team.id),
        leads=queries.leads(team.id),
        letting_go=letting_go,
        leading=leading if others or leading.errors else None,
        partings=PARTINGS,
        labels=labels,
    )
    return shown, max(letting_go.status, leading.status)


@bp.post("/teams/<uid>/lead")
@allow(Role.COORDINATOR)
def lead(uid: str) -> ResponseReturnValue:
    me, form = person(), LeadForm.of_request()
    team = queries.team(uid, me)
    members = queries.members([team.id])[team.id]
    uids = queries.volunteer_uids(member.volunteer_id for member in members)
    form.leader.choices = [SelectChoice(uids[one.volunteer_id], one.name) for one in members]
    if form.carries_out(lambda: services.lead(uid, str(form.leader.data), by=me)):
        flash(_("换好了，新领队会收到通知"), "ok")
        return redirect(url_for("teams.show", uid=uid))
    return _page(uid, DissolveForm(), form)


@bp.post("/teams/<uid>/dissolve")
@allow(Role.COORDINATOR)
def dissolve(uid: str) -> ResponseReturnValue:
    me, form = person(), DissolveForm.of_request()
    let_go = cast("services.LetGo", current_app.extensions["team_let_go"])
    if form.carries_out(lambda: services.dissolve(uid, form.parting, by=me, let_go=let_go)):
        flash(_("小组已解散"), "ok")
        return redirect(url_for("teams.listing"))
    return _page(uid, form, LeadForm())
