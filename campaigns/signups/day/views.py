"""The board of a day, its twin on paper, and checking oneself in."""

from collections.abc import Callable
from datetime import date, datetime

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Role
from accounts.web import address, person
from campaigns import labels
from campaigns.manage.slots import labels as slot_labels
from campaigns.signups.day import labels as day_labels
from campaigns.signups.day import queries, services
from campaigns.signups.day.boards.queries import boards
from campaigns.signups.day.checkin import services as checkin
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.forms import CodeForm, ContactForm, TimesForm
from campaigns.signups.day.rules import Move, seconds_left, valid_until
from core import clock, limits
from core.access import EVERYONE, allow
from core.errors import NotYours
from core.forms import carry_out
from core.i18n import _
from core.logs import log
from core.zone import CHINA

bp = Blueprint("day", __name__)
BOARD = (Role.COORDINATOR, Role.VOLUNTEER, Role.TEAM_LEADER)
OWN = (Role.VOLUNTEER, Role.TEAM_LEADER)
WORDS = {"labels": labels, "slot_labels": slot_labels, "day_labels": day_labels, "moves": Move}


def leads_to(slot_uid: str, who: str, day: date | None = None) -> str:
    """Return a picture of squares that leads a leader's phone to somebody's row."""
    return _squares(url_for("day.board", uid=slot_uid, who=who, day=day, _external=True))


def opens_door(slot_uid: str) -> str:
    """Return a picture of squares that leads anybody's phone to checking in at a slot."""
    return _squares(url_for("day.check_in", uid=slot_uid, _external=True))


def _squares(address: str) -> str:
    squares = segno.make(address, error="m", micro=False)
    return squares.svg_data_uri(border=2, dark="#000", light="#fff")


bp.add_app_template_filter(leads_to)
bp.add_app_template_filter(opens_door)


@bp.app_template_filter("clock_time")
def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%H:%M}"


@bp.get("/slots/today")
@allow(*BOARD)
def today() -> ResponseReturnValue:
    page = boards(person(), after=request.args.get("after"))
    return render_template("day/today.html", page=page, **WORDS)


@bp.get("/slots/<uid>/day")
@allow(*BOARD)
def board(uid: str) -> ResponseReturnValue:
    me, who = person(), request.args.get("who", "")[:22]
    head = queries.head(uid, me, _day())
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
    """Show nothing but the code, large: the page asks for the next one by itself.

    It is always today's, so that a screen which stays on shows the next day's board as well.
    """
    head = queries.head(uid, person())
    until = seconds_left(clock.now())
    return render_template("day/code.html", head=head, code=codes.code(head), until=until, **WORDS)


@bp.get("/slots/<uid>/day/paper")
@allow(*BOARD)
def paper(uid: str) -> ResponseReturnValue:
    head = queries.head(uid, person(), _day())
    page = queries.rows(head, after=request.args.get("after"))
    return render_template("day/paper.html", head=head, page=page, **WORDS)


@bp.post("/slots/<uid>/day/<seat_uid>/<verb>")
@allow(*BOARD)
def note(uid: str, seat_uid: str, verb: str) -> ResponseReturnValue:
    me, move, day = person(), _move(verb), _day()
    carry_out(lambda: services.note(uid, seat_uid, move, by=me, day=day))
    return redirect(url_for("day.board", uid=uid, who=seat_uid))


def _day() -> date | None:
    """Return the day in the address, None without one. Raises NotYours."""
    told = request.args.get("day")
    try:
        return date.fromisoformat(told) if told else None
    except ValueError as error:
        raise NotYours from error


def _move(verb: str) -> Move:
    if verb not in set(Move):
        raise NotYours
    return Move(verb)


@bp.route("/slots/<uid>/day/<seat_uid>/times", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def times(uid: str, seat_uid: str) -> ResponseReturnValue:
    """Enter from paper when somebody came and left."""
    me = person()
    head = queries.head(uid, me, _day())
    found = queries.named(head, seat_uid)
    if found is None or not head.coordinated:
        raise NotYours
    form = TimesForm.of_request(day=head.day)
    if form.carries_out(lambda: services.enter_times(uid, seat_uid, form.times(), by=me)):
        flash(_("已补登"), "ok")
        return redirect(url_for("day.board", uid=uid, day=form.day.data))
    page = render_template("day/times.html", head=head, found=found, form=form, **WORDS)
    return page, form.status


@bp.route("/my/sign-ups/<uid>/day", methods=["GET", "POST"])
@allow(*OWN)
def own(uid: str) -> ResponseReturnValue:
    """Show one's own day: the code to type, and the squares that lead to one's row."""
    me, here = person(), url_for("day.own", uid=uid)

    def check(code: str, move: Move) -> None:
        services.note_by_code(uid, code, move, by=me)

    return _own_page(codes.own_day(uid, me), check, here, counted=str(me.id))


@bp.route("/sign-ups/day/<token>", methods=["GET", "POST"])
@allow(EVERYONE)
def by_link(token: str) -> ResponseReturnValue:
    """Show the same to whoever has the link of the seat, signed in or not."""
    mine, here = codes.behind(token), url_for("day.by_link", token=token)

    def check(code: str, move: Move) -> None:
        checkin.note_by_link(token, code, move)

    return _own_page(mine, check, here, counted=f"link/{mine.uid}", token=token)


def _own_page(
    mine: codes.OwnDay,
    check: Callable[[str, Move], None],
    here: str,
    *,
    counted: str,
    token: str = "",
) -> ResponseReturnValue:
    """Show somebody's day with the form, or note what was sent; `counted` is whose tries it is."""
    form = CodeForm.of_request(move=mine.next.value if mine.next else "")

    def try_it() -> bool:
        limits.spend(services.CODE_TRIES.of(counted))
        return False

    def note_it() -> None:
        check(str(form.code.data), Move(str(form.move.data)))

    if form.carries_out(note_it, unless=try_it):
        flash(_("记下了，谢谢"), "ok")
        return redirect(here)
    page = render_template("day/own.html", mine=mine, form=form, here=here, token=token, **WORDS)
    return page, form.status


@bp.route("/slots/<uid>/check-in", methods=["GET", "POST"])
@allow(EVERYONE)
def check_in(uid: str) -> ResponseReturnValue:
    """Take the contact that somebody signed up with, and the code; the squares beside it lead here.

    Whether there is such a seat is not told.
    """
    door = codes.door(uid)
    form = ContactForm.of_request()

    def try_it() -> bool:
        limits.spend(*checkin.tries(str(form.contact.data), address=address()))
        return False

    def check() -> None:
        move, code = Move(str(form.move.data)), str(form.code.data)
        checkin.note_by_contact(uid, str(form.contact.data), code, move)

    if form.carries_out(check, unless=try_it):
        return redirect(url_for("day.check_in", uid=uid, sent=1))
    sent = request.method == "GET" and "sent" in request.args
    page = render_template("day/check_in.html", door=door, form=form, sent=sent, **WORDS)
    return page, form.status
