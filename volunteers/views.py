"""Pages of volunteers, and of those who clear them."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Role
from accounts.web import count_search, person
from core import clock
from core.access import allow
from core.actions import next_actions
from core.errors import NotYours
from core.forms import SelectChoice, carry_out
from core.i18n import _
from core.i18n import lazy as _l
from places.queries import organisations, shown
from volunteers import labels, queries, services
from volunteers.evidence import queries as records
from volunteers.evidence import services as evidence
from volunteers.evidence.forms import EvidenceForm
from volunteers.exports.queries import ROLES as EXPORTERS
from volunteers.forms import PledgeForm, ProfileForm, ReasonForm
from volunteers.hours import queries as hours
from volunteers.medals import queries as medals
from volunteers.models import Volunteer
from volunteers.profile import services as profiles
from volunteers.roster import queries as roster
from volunteers.roster.labels import TABS, lines, panel, told
from volunteers.roster.rules import Tab
from volunteers.rules import EvidenceKind, Next, Progress, Skill, Status
from volunteers.students import queries as students
from volunteers.students.labels import WAYS
from volunteers.teams import queries as teams

bp = Blueprint("volunteers", __name__)
DESK = (Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
NEXT = {
    Next.PROFILE: (_l("完善资料"), "volunteers.profile"),
    Next.PLEDGE: (_l("读一读，签承诺书"), "volunteers.pledge"),
    Next.STUDENT: (_l("证明学生身份"), "students.me"),
    Next.WAIT: (_l("先看看关爱活动"), "campaigns.listing"),
    Next.SERVE: (_l("看走访安排"), "visits.listing"),
    Next.ASK: (_l("联系县中心"), "places.network"),
    Next.REJOIN: (_l("看看正在招募的活动"), "campaigns.listing"),
}


@bp.get("/volunteers/me")
@allow(Role.VOLUNTEER)
def me() -> ResponseReturnValue:
    volunteer = queries.volunteer_of(person().id)
    if volunteer is None:
        return render_template("volunteers/nobody.html")
    progress = queries.progress_of(volunteer, clock.today())
    mine = teams.teams_of(volunteer.id)
    own = {url_for(f"volunteers.{page}") for page in ("me", "profile", "pledge")}
    return render_template(
        "volunteers/me.html",
        volunteer=volunteer,
        steps=_steps(progress),
        step=NEXT.get(progress.next()),
        others=_others(progress),
        labels=labels,
        page=hours.entries(volunteer.id, after=request.args.get("after")),
        minutes=hours.total(volunteer.id),
        medals=medals.own(volunteer.id, clock.today()),
        teams=mine,
        members=teams.members(team.id for team in mine),
        waiting=[one for one in next_actions(person()) if one.url not in own],
    )


def _steps(progress: Progress) -> list[tuple[str, str, str]]:
    return [
        (labels.STEPS[step], labels.STEP_HINTS[step], state) for step, state in progress.steps()
    ]


def _others(progress: Progress) -> str:
    """Return what others are doing for somebody who can only wait."""
    if progress.status not in {Status.APPLIED, Status.EXPIRED, Status.PAUSED}:
        return ""
    now = next((step for step, state in progress.steps() if state == "now"), None)
    return labels.WHAT_OTHERS_DO.get(now, "") if now else ""


@bp.route("/volunteers/me/pledge", methods=["GET", "POST"])
@allow(Role.VOLUNTEER)
def pledge() -> ResponseReturnValue:
    volunteer = _myself()
    form = PledgeForm.of_request()
    if form.carries_out(lambda: evidence.sign_pledge(by=person())):
        flash(_("已签名，谢谢您"), "ok")
        return redirect(url_for("volunteers.me"))
    signed = records.pledge_of(volunteer.id)
    left = volunteer.status in profiles.LEFT
    return (
        render_template("volunteers/pledge.html", form=form, signed=signed, left=left),
        form.status,
    )


@bp.route("/volunteers/me/profile", methods=["GET", "POST"])
@allow(Role.VOLUNTEER)
def profile() -> ResponseReturnValue:
    volunteer = _myself()
    form = ProfileForm.about(volunteer, queries.free_times(volunteer.id))
    form.org.choices = [
        SelectChoice("", _("不在列表里")),
        *(
            SelectChoice(str(org.id), shown(org.name, org.name_en))
            for org in organisations(profiles.JOINING)
        ),
    ]
    if profiles.identity_checked(volunteer.id):
        form.lock()
    if form.carries_out(lambda: profiles.update_profile(form.profile(), by=person())):
        flash(_("资料已保存"), "ok")
        return redirect(url_for("volunteers.me"))
    return (
        render_template("volunteers/profile.html", form=form, volunteer=volunteer, labels=labels),
        form.status,
    )


def _myself() -> Volunteer:
    found = queries.volunteer_of(person().id)
    if found is None:
        raise NotYours
    return found


@bp.get("/volunteers")
@allow(Role.COORDINATOR, Role.ORG_LEAD, Role.SAFEGUARDING_LEAD)
def listing() -> ResponseReturnValue:
    desk = roster.desk_of(person(), request.args.get("desk", ""))
    asked, q = request.args.get("status", ""), request.args.get("q", "").strip()[:40]
    count_search(q)
    tab = next((one for one in desk.tabs if one == asked), Tab.ALL)
    page = roster.listing(desk, tab=tab, q=q, after=request.args.get("after"))
    ids = [row.id for row in page.rows]
    return render_template(
        "volunteers/listing.html",
        lines=lines(page.rows, queries.clearances(ids, clock.today()), hours.totals(ids)),
        page=page,
        desk=desk,
        may_open=desk.role is not Role.ORG_LEAD,
        may_export=desk.role in EXPORTERS,
        counts=roster.counts(desk),
        tabs=TABS,
        tab=tab,
        q=q,
    )


@bp.get("/volunteers/<uid>")
@allow(Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
def show(uid: str) -> ResponseReturnValue:
    file = queries.file(uid, person(), *DESK)
    today, soon = clock.today(), roster.soon(clock.today())
    entries = records.evidence_of(file.volunteer.id)
    standing = [entry for entry, _who in entries if entry.voided_at is None]
    progress = queries.progress_of(file.volunteer, today)
    return render_template(
        "volunteers/show.html",
        file=file,
        volunteer=file.volunteer,
        coordinates=file.is_under(person(), Role.COORDINATOR),
        safeguards=file.is_under(person(), Role.SAFEGUARDING_LEAD),
        lacking=labels.lacking(progress),
        panel=panel(records.counting(standing), progress.clearance.needed, today, soon),
        entries=entries,
        ways=WAYS,
        studies=students.of_person(file.person.id, today),
        history=told(queries.history(uid)),
        minutes=hours.total(file.volunteer.id),
        skills=[labels.SKILLS[skill] for skill in Skill if skill in file.volunteer.skills],
        labels=labels,
    )


@bp.route("/volunteers/<uid>/evidence/<kind>", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def record_evidence(uid: str, kind: str) -> ResponseReturnValue:
    file = queries.file(uid, person(), Role.COORDINATOR)
    if kind not in set(EvidenceKind) - {EvidenceKind.STUDENT}:
        raise NotFound
    form = EvidenceForm.about(EvidenceKind(kind))
    if form.carries_out(lambda: evidence.record_evidence(uid, form.new(), by=person())):
        flash(_("已登记"), "ok")
        return redirect(url_for("volunteers.show", uid=uid))
    return (
        render_template("volunteers/evidence.html", file=file, form=form, kinds=labels.EVIDENCE),
        form.status,
    )


@bp.route("/volunteers/<uid>/evidence/<int:entry>/void", methods=["GET", "POST"])
@allow(Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
def void_evidence(uid: str, entry: int) -> ResponseReturnValue:
    file = queries.file(uid, person(), *DESK)
    if entry not in {row[0].id for row in records.evidence_of(file.volunteer.id)}:
        raise NotFound
    return _for_a_reason(
        uid,
        _("作废这条登记"),
        _("作废后手续不全的，服务会立即暂停。"),
        lambda reason: evidence.void_evidence(uid, entry, reason=reason, by=person()),
    )


@bp.post("/volunteers/<uid>/activate")
@allow(Role.COORDINATOR)
def activate(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.activate(uid, by=person()))
    flash(_("已上岗，系统会告诉本人"), "ok")
    return redirect(url_for("volunteers.show", uid=uid))


@bp.post("/volunteers/<uid>/pause")
@allow(Role.COORDINATOR, Role.VOLUNTEER)
def pause(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.pause(uid, by=person()))
    flash(_("开始休息，这段时间不会安排走访"), "ok")
    return redirect(_back(uid))


@bp.post("/volunteers/<uid>/resume")
@allow(Role.COORDINATOR, Role.VOLUNTEER)
def resume(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.resume(uid, by=person()))
    flash(_("欢迎回来"), "ok")
    return redirect(_back(uid))


@bp.route("/volunteers/<uid>/suspend", methods=["GET", "POST"])
@allow(Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
def suspend(uid: str) -> ResponseReturnValue:
    queries.file(uid, person(), *DESK)
    return _for_a_reason(
        uid,
        _("暂停服务"),
        _("立即生效：此人马上看不到孩子的信息，也不能参加走访。"),
        lambda reason: services.suspend(uid, reason=reason, by=person()),
    )


@bp.route("/volunteers/<uid>/exit", methods=["GET", "POST"], endpoint="exit")
@allow(Role.COORDINATOR, Role.VOLUNTEER)
def leave(uid: str) -> ResponseReturnValue:
    queries.own_or_under(uid, person())
    return _for_a_reason(
        uid,
        _("退出志愿服务"),
        _("退出后会离开所有小组。服务时长一直保留。"),
        lambda reason: services.leave(uid, reason=reason, by=person()),
    )


@bp.route("/volunteers/<uid>/bar", methods=["GET", "POST"])
@allow(Role.SAFEGUARDING_LEAD)
def bar(uid: str) -> ResponseReturnValue:
    queries.file(uid, person(), Role.SAFEGUARDING_LEAD)
    return _for_a_reason(
        uid,
        _("认定不适合参加"),
        _("长期有效，此人今后不能参加任何与孩子接触的服务。"),
        lambda reason: services.bar(uid, reason=reason, by=person()),
    )


def _for_a_reason(
    uid: str, title: str, note: str, act: Callable[[str], None]
) -> ResponseReturnValue:
    """Ask for a reason, then act, and go back to where the volunteer is shown."""
    form = ReasonForm.of_request()
    if form.carries_out(lambda: act(str(form.reason.data))):
        flash(_("已办理：%(what)s", what=title), "ok")
        return redirect(_back(uid))
    return (
        render_template(
            "volunteers/reason.html",
            title=title,
            note=note,
            name=queries.name_of(uid),
            form=form,
            back=_back(uid),
        ),
        form.status,
    )


def _back(uid: str) -> str:
    """Return one's own page, or the page of the volunteer one answers for."""
    mine = queries.volunteer_of(person().id)
    if mine is not None and mine.uid == uid:
        return url_for("volunteers.me")
    return url_for("volunteers.show", uid=uid)
