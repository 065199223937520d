"""Pages by which volunteers show that they study."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import address, person, someone
from core import clock
from core.access import EVERYONE, allow
from core.forms import Form, SelectChoice, carry_out
from core.i18n import _, locale
from places.queries import shown
from volunteers.students import queries, services
from volunteers.students.forms import MailForm, RosterForm
from volunteers.students.labels import WAYS
from volunteers.students.telling.services import mail_secret

bp = Blueprint("students", __name__)
bp.add_app_template_filter(mail_secret, "mail_secret")


@bp.get("/students/me")
@allow(Role.VOLUNTEER)
def me() -> ResponseReturnValue:
    return _page()


@bp.post("/students/mail")
@allow(Role.VOLUNTEER)
def mail() -> ResponseReturnValue:
    form = MailForm.of_request()

    def floods() -> bool:
        services.may_ask_by_mail(person().id, form.told())
        return False

    def ask() -> None:
        services.ask_by_mail(form.told(), language=locale(), by=person())

    if form.carries_out(ask, unless=floods):
        return _done(_("链接已发到您的校园邮箱，24 小时内登录本站打开它"))
    return _page(mail=form)


@bp.post("/students/roster")
@allow(Role.VOLUNTEER)
def roster() -> ResponseReturnValue:
    form = _offered(RosterForm.of_request())

    def floods() -> bool:
        services.may_try_a_roster(person().id, address())
        return False

    def prove() -> None:
        number, name = str(form.number.data), str(form.name.data)
        services.prove_by_roster(int(str(form.org.data)), number, name, by=person())

    if form.carries_out(prove, unless=floods):
        return _done(_("对上了，您的学生身份已生效"))
    return _page(roster=form)


@bp.get("/students/mail/<token>")
@allow(Role.VOLUNTEER)
def confirm(token: str) -> ResponseReturnValue:
    """Show a button: programs that look at links in mails must not answer."""
    found = queries.asked(token, person().id)
    return render_template("students/confirm.html", found=found, token=token, shown=shown)


@bp.post("/students/mail/<token>/confirm")
@allow(Role.VOLUNTEER)
def confirmed(token: str) -> ResponseReturnValue:
    carry_out(lambda: services.confirm_mail(token, by=person()))
    return _done(_("校园邮箱已证实，您的学生身份已生效"))


@bp.get("/students/vouch/<token>")
@allow(EVERYONE)
def vouch(token: str) -> ResponseReturnValue:
    found, who = queries.word(token, clock.today()), someone()
    page = render_template(
        "students/vouch.html",
        found=found,
        token=token,
        who=who,
        volunteers=who is not None and who.has(Role.VOLUNTEER),
        until=services.this_term(),
        shown=shown,
    )
    return page, 200 if found.open else 410


@bp.post("/students/vouch/<token>/accept")
@allow(Role.VOLUNTEER)
def accept(token: str) -> ResponseReturnValue:
    carry_out(lambda: services.accept(token, by=person()))
    return _done(_("老师的担保已记下，您的学生身份已生效"))


def _done(said: str) -> ResponseReturnValue:
    flash(said, "ok")
    return redirect(url_for("students.me"))


def _offered(form: RosterForm) -> RosterForm:
    """Offer the universities whose list is here."""
    form.org.choices = [
        SelectChoice(str(one.id), shown(one.name, one.name_en))
        for one in queries.with_a_roster(clock.today())
    ]
    return form


def _page(**sent: Form) -> ResponseReturnValue:
    made = {"mail": MailForm(), "roster": _offered(RosterForm(data={"name": person().name}))}
    page = render_template(
        "students/me.html",
        statuses=queries.of_person(person().id, clock.today()),
        domains=queries.domains(),
        forms=made | sent,
        ways=WAYS,
        shown=shown,
    )
    return page, max((form.status for form in sent.values()), default=200)
