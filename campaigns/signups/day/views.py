"""The board of a day, its twin on paper, and checking oneself in."""

from datetime import datetime

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import person
from campaigns import labels
from campaigns.manage.slots import labels as slot_labels
from campaigns.signups.day import labels as day_labels
from campaigns.signups.day import queries, services
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.forms import CodeForm, TimesForm
from campaigns.signups.day.rules import Move, seconds_left, valid_until
from core import clock, limits
from core.access import allow
from core.errors import NotYours
from core.forms import carry_out
from core.i18n import _
from core.logs import log
from core.zone import CHINA
from places.queries import shown

bp = Blueprint("day", __name__)
BOARD = (Role.COORDINATOR, Role.VOLUNTEER, Role.TEAM_LEADER)
OWN = (Role.VOLUNTEER, Role.TEAM_LEADER)
WORDS = {"labels": labels, "slot_labels": slot_labels, "day_labels": day_labels, "moves": Move}


def leads_to(slot_uid: str, who: str) -> str:
    """Return a picture of squares that leads a leader's phone to somebody's row."""
    address = url_for("day.board", uid=slot_uid, who=who, _external=True)
    squares = segno.make(address, error="m", micro=False)
    return squares.svg_data_uri(border=2, dark="#000", light="#fff")


bp.add_app_template_filter(leads_to)


@bp.app_template_filter("clock_time")
def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%H:%M}"


@bp.get("/slots/today")
@allow(*BOARD)
def today() -> ResponseReturnValue:
    page = queries.boards(person(), after=request.args.get("after"))
    return render_template("day/today.html", page=page, shown=shown, **WORDS)


@bp.get("/slots/<uid>/day")
@allow(*BOARD)
def board(uid: str) -> ResponseReturnValue:
    me, who = person(), request.args.get("who", "")[:22]
    head = queries.head(uid, me)
    found = queries.named(head, who) if who else None
    if who and found is None:
        log.warning("day row refused", slot=uid, person=me.id)
    sought = request.args.get("q", "").strip()[:40]
    return render_template(
        "day/board.html",
        head=head,
        found=found,
        astray=bool(who) and found is None,
        q=sought,
        page=queries.rows(head, after=request.args.get("after"), named=sought),
        counts=queries.counts(head),
        siblings=queries.siblings(head),
        code=codes.code(head),
        until=valid_until(clock.now()),
        **WORDS,
    )


@bp.get("/slots/<uid>/day/code")
@allow(*BOARD)
def code(uid: str) -> ResponseReturnValue:
    """Show nothing but the code, large: the page asks for the next one by itself."""
    head = queries.head(uid, person())
    until = seconds_left(clock.now())
    return render_template("day/code.html", head=head, code=codes.code(head), until=until, **WORDS)


@bp.get("/slots/<uid>/day/paper")
@allow(*BOARD)
def paper(uid: str) -> ResponseReturnValue:
    head = queries.head(uid, person())
    page = queries.rows(head, after=request.args.get("after"))
    return render_template("day/paper.html", head=head, page=page, **WORDS)


@bp.post("/slots/<uid>/day/<seat_uid>/<verb>")
@allow(*BOARD)
def note(uid: str, seat_uid: str, verb: str) -> ResponseReturnValue:
    me, move = person(), _move(verb)
    carry_out(lambda: services.note(uid, seat_uid, move, by=me))
    return redirect(url_for("day.board", uid=uid, who=seat_uid))


def _move(verb: str) -> Move:
    if verb not in set(Move):
        raise NotYours
    return Move(verb)


@bp.route("/slots/<uid>/day/<seat_uid>/times", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def times(uid: str, seat_uid: str) -> ResponseReturnValue:
    """Enter from paper when somebody came and left."""
    me = person()
    head = queries.head(uid, me)
    found = queries.named(head, seat_uid)
    if found is None or not head.coordinated:
        raise NotYours
    form = TimesForm.of_request(day=head.slot.starts_on)
    if form.carries_out(lambda: services.enter_times(uid, seat_uid, form.times(), by=me)):
        flash(_("已补登"), "ok")
        return redirect(url_for("day.board", uid=uid))
    page = render_template("day/times.html", head=head, found=found, form=form, **WORDS)
    return page, form.status


@bp.route("/my/sign-ups/<uid>/day", methods=["GET", "POST"])
@allow(*OWN)
def own(uid: str) -> ResponseReturnValue:
    """Show one's own day: the code to type, and the squares that lead to one's row."""
    me = person()
    mine = codes.own_day(uid, me)
    form = CodeForm.of_request(move=mine.next.value if mine.next else "")

    def try_it() -> bool:
        limits.spend(services.CODE_TRIES.of(str(me.id)))
        return False

    def check() -> None:
        services.note_by_code(uid, str(form.code.data), Move(str(form.move.data)), by=me)

    if form.carries_out(check, unless=try_it):
        flash(_("记下了，谢谢"), "ok")
        return redirect(url_for("day.own", uid=uid))
    page = render_template("day/own.html", mine=mine, form=form, **WORDS)
    return page, form.status
