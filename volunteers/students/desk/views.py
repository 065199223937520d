"""Pages about a university's students: for its lead, and for the county's coordinator."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from core import clock
from core.access import allow
from core.bodies import takes
from core.codes import outside
from core.forms import Form, carry_out
from core.i18n import _
from core.sheets import MOST_BYTES
from places.models import Organisation
from places.queries import shown
from volunteers.students.desk import queries, services
from volunteers.students.desk.forms import DomainForm, LinkForm, RosterUploadForm
from volunteers.students.labels import WAYS
from volunteers.students.models import Vouch
from volunteers.students.services import vouch_secret

bp = Blueprint("student_desk", __name__)
BESIDES = 64 * 1024
A_WHILE = timedelta(days=14)


@bp.get("/students/organisations")
@allow(*queries.DESK)
def listing() -> ResponseReturnValue:
    page = queries.listing(person(), after=request.args.get("after"))
    return render_template("students/listing.html", page=page, shown=shown)


@bp.get("/students/organisations/<uid>")
@allow(*queries.DESK)
def show(uid: str) -> ResponseReturnValue:
    return _page(queries.university(uid, person()))


@bp.post("/students/organisations/<uid>/domains")
@allow(*queries.CLERKS)
def add_domain(uid: str) -> ResponseReturnValue:
    org, form = queries.university(uid, person(), *queries.CLERKS), DomainForm.of_request()
    if form.carries_out(lambda: services.add_domain(uid, form.told(), by=person())):
        return _done(uid, _("邮箱域名已登记"))
    return _page(org, domain=form)


@bp.post("/students/organisations/<uid>/domains/<int:domain_id>/remove")
@allow(*queries.CLERKS)
def remove_domain(uid: str, domain_id: int) -> ResponseReturnValue:
    carry_out(lambda: services.remove_domain(uid, domain_id, by=person()))
    return _done(uid, _("邮箱域名已去掉"))


@bp.post("/students/organisations/<uid>/roster")
@allow(Role.ORG_LEAD)
@takes(MOST_BYTES + BESIDES)
def upload(uid: str) -> ResponseReturnValue:
    org, form = queries.university(uid, person(), Role.ORG_LEAD), RosterUploadForm.of_request()
    form.org_id = org.id
    if form.carries_out(lambda: services.add_roster(uid, form.told(), by=person())):
        return _done(uid, _("名册已收下，新增 %(n)s 人；学生要自己来对学号", n=form.result))
    return _page(org, roster=form)


@bp.post("/students/organisations/<uid>/roster/clear")
@allow(Role.ORG_LEAD)
def clear(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.clear_rosters(uid, by=person()))
    return _done(uid, _("名册已清空"))


@bp.post("/students/organisations/<uid>/links")
@allow(Role.ORG_LEAD)
def make_link(uid: str) -> ResponseReturnValue:
    org, form = queries.university(uid, person(), Role.ORG_LEAD), LinkForm.of_request()
    if form.carries_out(lambda: services.make_link(uid, *form.told(), by=person())):
        return _done(uid, _("链接已做好，发给您认识的学生"))
    return _page(org, link=form)


@bp.post("/students/links/<uid>/end")
@allow(*queries.DESK)
def end_link(uid: str) -> ResponseReturnValue:
    org_uid = carry_out(lambda: services.end_link(uid, by=person()))
    return _done(str(org_uid), _("链接已停用"))


@bp.post("/students/statuses/<uid>/end")
@allow(*queries.DESK)
def end_status(uid: str) -> ResponseReturnValue:
    org_uid = carry_out(lambda: services.end_status(uid, by=person()))
    return _done(str(org_uid), _("学生身份已撤回"))


def _done(uid: str, said: str) -> ResponseReturnValue:
    flash(said, "ok")
    return redirect(url_for("student_desk.show", uid=uid))


def _page(org: Organisation, **sent: Form) -> ResponseReturnValue:
    """Show a university's page with the forms of what can be done next."""
    me, today = person(), clock.today()
    made = {
        "domain": DomainForm(),
        "roster": RosterUploadForm(),
        "link": LinkForm(data={"uses": 30, "expires_on": today + A_WHILE}),
    }
    page = render_template(
        "students/show.html",
        org=org,
        title=shown(org.name, org.name_en),
        leads=org.id in me.organisations(Role.ORG_LEAD),
        coordinates=org.area_id in {one.area_id for one in me.reaches(*queries.CLERKS)},
        page=queries.students(org.id, after=request.args.get("after")),
        domains=queries.domains_of(org.id),
        rosters=queries.rosters_of(org.id),
        links=[(one, who, _address(one, me.id)) for one, who in queries.links_of(org.id)],
        forms=made | sent,
        ways=WAYS,
    )
    return page, max((form.status for form in sent.values()), default=200)


def _address(vouch: Vouch, me: int | None) -> str:
    """Return a link's address for whoever made it; others see that it is there."""
    if vouch.made_by_id != me:
        return ""
    return outside(url_for("students.vouch", token=vouch_secret(vouch)))
