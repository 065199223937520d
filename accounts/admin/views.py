"""Pages of administrators, and of the values rules use. None shows a child's data."""

import json
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts import services as accounts_services
from accounts.admin import queries, services
from accounts.admin.forms import ParameterForm, ReasonForm, RoleForm, StaffForm
from accounts.admin.labels import RELAXING
from accounts.approvals.queries import facts, open_requests
from accounts.labels import POSTS, ROLES
from accounts.queries import sessions_of
from accounts.rules import Role
from accounts.sessions import services as sessions
from accounts.web import count_search, person
from core import clock, parameters
from core.access import allow, may
from core.forms import SelectChoice, carry_out
from core.i18n import _
from places.queries import area_paths, organisations, shown
from places.rules import OrgKind

bp = Blueprint("admin", __name__)
AnyRoleForm = TypeVar("AnyRoleForm", bound=RoleForm)
JOINING = (OrgKind.SOCIAL_ORG, OrgKind.UNIVERSITY)


def init_app(app: Flask, *, code_made: Callable[[int], object]) -> None:
    """Tell how somebody learns of a sign-in code for them; a room above sends the message."""
    app.extensions["code_made"] = code_made


@bp.get("/people")
@allow(Role.ADMIN)
def people() -> ResponseReturnValue:
    q, role = request.args.get("q", "").strip()[:40], request.args.get("role", "")
    count_search(q)
    page = queries.people(q=q, role=role, after=request.args.get("after"))
    return render_template("admin/people.html", page=page, q=q, role=role, roles=ROLES)


@bp.route("/people/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_person() -> ResponseReturnValue:
    form = _with_organisations(StaffForm.of_request())

    def add() -> str:
        reason = str(form.reason.data)
        return services.add_staff(form.new_person(), form.seat(), by=person(), reason=reason)

    if form.carries_out(add):
        flash(_("已新增，给对方一个登录码就能登录；角色要另一位管理员批准后生效"), "ok")
        return redirect(url_for("admin.show_person", uid=form.result))
    return render_template("admin/new_person.html", form=form, alone=_alone()), form.status


@bp.get("/people/<uid>")
@allow(Role.ADMIN)
def show_person(uid: str) -> ResponseReturnValue:
    found = queries.person(uid)
    grants = queries.grants(found.id)
    return render_template(
        "admin/person.html",
        found=found,
        grants=grants,
        places=area_paths(grant.area_id for grant, _org in grants),
        sessions=sessions_of(found.id),
        requests=_requests(services.ROLE, f"{uid}/"),
        roles=ROLES,
        today=clock.today(),
    )


def _requests(kind: str, subjects: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the uids of the open requests of a kind, with what each is about."""
    found = open_requests(kind, subjects)
    return [(one.uid, facts(one)) for one in found]


def _alone() -> bool:
    """Whether there is no other administrator who could approve what this one asks for."""
    return not queries.other_administrators(person().id)


@bp.route("/people/<uid>/roles/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def give_role(uid: str) -> ResponseReturnValue:
    found = queries.person(uid)
    form = _with_organisations(RoleForm.of_request())
    if form.carries_out(
        lambda: services.give_role(uid, form.seat(), by=person(), reason=str(form.reason.data))
    ):
        flash(_("已提出，另一位管理员批准后生效"), "ok")
        return redirect(url_for("admin.show_person", uid=uid))
    page = render_template("admin/give_role.html", found=found, form=form, alone=_alone())
    return page, form.status


@bp.route("/people/<uid>/roles/<int:grant_id>/end", methods=["GET", "POST"])
@allow(Role.ADMIN)
def end_role(uid: str, grant_id: int) -> ResponseReturnValue:
    found = queries.person(uid)
    grant = next((row[0] for row in queries.grants(found.id) if row[0].id == grant_id), None)
    if grant is None:
        raise NotFound
    form = ReasonForm.of_request()
    if form.carries_out(
        lambda: accounts_services.end_grant(grant_id, by=person(), reason=str(form.reason.data))
    ):
        flash(_("角色已结束，立即生效"), "ok")
        return redirect(url_for("admin.show_person", uid=uid))
    what = _("结束角色“%(role)s”", role=ROLES[grant.role])
    return render_template("admin/reason.html", found=found, form=form, what=what), form.status


@bp.route("/people/<uid>/disable", methods=["GET", "POST"])
@allow(Role.ADMIN)
def disable(uid: str) -> ResponseReturnValue:
    found = queries.person(uid)
    form = ReasonForm.of_request()
    if form.carries_out(lambda: services.disable(uid, by=person(), reason=str(form.reason.data))):
        flash(_("账号已停用，所有设备已退出"), "ok")
        return redirect(url_for("admin.show_person", uid=uid))
    what = _("停用账号")
    return render_template("admin/reason.html", found=found, form=form, what=what), form.status


@bp.route("/people/<uid>/factor/reset", methods=["GET", "POST"])
@allow(Role.ADMIN, step_up=True)
def reset_factor(uid: str) -> ResponseReturnValue:
    """Take away the second factor of somebody who has lost it; they set a new one at sign-in."""
    found = queries.person(uid)
    form = ReasonForm.of_request()
    if form.carries_out(
        lambda: services.reset_factor(uid, by=person(), reason=str(form.reason.data))
    ):
        done = _("二次验证已重置，给对方一个登录码，登录时会重新设置")
        flash(_("已提出，另一位管理员批准后生效") if form.result else done, "ok")
        return redirect(url_for("admin.show_person", uid=uid))
    what = _("重置二次验证")
    page = render_template("admin/reason.html", found=found, form=form, what=what, waits=True)
    return page, form.status


@bp.post("/people/<uid>/code")
@allow(Role.ADMIN)
def make_code(uid: str) -> ResponseReturnValue:
    found = queries.person(uid)
    made: list[str] = []  # not the form's result: that would be kept, and a code is shown once
    tell = current_app.extensions["code_made"]
    carry_out(lambda: made.append(services.make_code(found.id, by=person(), tell=tell)))
    code = made[0] if made else None
    return render_template("admin/code.html", found=found, code=code)


@bp.post("/people/<uid>/sessions/<int:session_id>/end")
@allow(Role.ADMIN)
def end_session(uid: str, session_id: int) -> ResponseReturnValue:
    found = queries.person(uid)
    if session_id not in {row.id for row in sessions_of(found.id)}:
        raise NotFound
    carry_out(lambda: sessions.end_session(session_id, by=person()))
    flash(_("那台设备已退出"), "ok")
    return redirect(url_for("admin.show_person", uid=uid))


@bp.get("/people/vacancies")
@allow(Role.ADMIN)
def vacancies() -> ResponseReturnValue:
    page = queries.vacancies(after=request.args.get("after"))
    places = area_paths(row.area_id for row in page.rows)
    return render_template("admin/vacancies.html", page=page, kinds=POSTS, places=places)


@bp.get("/parameters")
@allow(Role.ADMIN, Role.CITY_COORDINATOR, Role.DPO, Role.AUDITOR)
def parameters_page() -> ResponseReturnValue:
    return render_template(
        "admin/parameters.html",
        declared=parameters.declared(),
        now=parameters.values_on(clock.today()),
        rows=queries.parameter_rows(),
        requests=_requests(services.POLICY, ""),
        may_decide=may("approvals.show"),
        may_set=person().has(Role.CITY_COORDINATOR),
    )


@bp.route("/parameters/<name>/new", methods=["GET", "POST"])
@allow(Role.CITY_COORDINATOR)
def set_parameter(name: str) -> ResponseReturnValue:
    parameter = next((one for one in parameters.declared() if one.name == name), None)
    if parameter is None:
        raise NotFound
    current = parameters.value_on(name, clock.today())
    shown_now = current if isinstance(current, str) else json.dumps(current)
    form = ParameterForm.of_request(text=shown_now, effective_from=clock.today())
    if form.carries_out(lambda: services.set_parameter(form.new_value(name), by=person())):
        waits = _("放宽要另一个人批准：已提出，批准后生效")
        flash(waits if form.result else _("新的值已保存"), "ok")
        return redirect(url_for("admin.parameters_page"))
    return (
        render_template(
            "admin/parameter.html",
            parameter=parameter,
            now=shown_now,
            form=form,
            relaxing=RELAXING[parameter.stricter],
        ),
        form.status,
    )


def _with_organisations(form: AnyRoleForm) -> AnyRoleForm:
    form.org.choices = [
        SelectChoice("", "—"),
        *(
            SelectChoice(str(org.id), shown(org.name, org.name_en))
            for org in organisations(JOINING)
        ),
    ]
    return form
