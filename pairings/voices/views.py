"""Pages on which each voice is entered apart, their twins on paper, and tasks for coordinators."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from accounts.rules import Role
from accounts.web import person
from children.consents.services import ENTERING
from children.services import seen_elsewhere, seen_in_list
from core import clock
from core.access import allow
from core.codes import drawn, outside
from core.errors import NotYours
from core.i18n import _
from pairings import queries as pairing_queries
from pairings.queries import Shown
from pairings.voices import queries, services
from pairings.voices.forms import SettleForm, VoiceForm
from pairings.voices.labels import (
    ASKED,
    FACES,
    OCCASIONS,
    QUESTIONS,
    TITLES,
    TONES,
    TROUBLES,
    VOICES,
)
from pairings.voices.rules import Question, Voice

bp = Blueprint("voices", __name__)
SPEAKERS = (*ENTERING, Role.VOLUNTEER, Role.TEAM_LEADER)
SHOWN_OF_CHILD = ("voices",)


@bp.route("/pairings/<uid>/voices/<whose>", methods=["GET", "POST"])
@allow(*SPEAKERS)
def say(uid: str, whose: str) -> ResponseReturnValue:
    me, seen, voice = person(), *_asked(uid, whose)
    form = VoiceForm.of_request().ask(voice)
    dated = form.dated.data or clock.today()
    if form.carries_out(lambda: services.say(uid, voice, form.said(), dated=dated, by=me)):
        flash(_("已记下，谢谢"), "ok")
        return redirect(url_for("pairings.show", uid=uid))
    when = services.occasion_of(seen.pairing)
    page = render_template(
        "voices/say.html",
        pairing=seen.pairing,
        child=seen.child,
        voice=voice,
        title=TITLES[voice],
        asked=ASKED[voice],
        when=OCCASIONS[when] if when else "",
        open=voice in queries.missing(seen.pairing, when),
        form=form,
    )
    return page, form.status


@bp.get("/pairings/<uid>/voices/<whose>/paper")
@allow(*SPEAKERS)
def paper(uid: str, whose: str) -> ResponseReturnValue:
    seen, voice = _asked(uid, whose)
    address = outside(url_for("voices.say", uid=uid, whose=voice))
    return render_template(
        "voices/paper.html",
        pairing=seen.pairing,
        title=TITLES[voice],
        voice=voice,
        asked=ASKED[voice],
        questions=QUESTIONS[voice],
        faces=FACES,
        code=drawn(address, str(_("扫码填写"))),
    )


def _asked(uid: str, whose: str) -> tuple[Shown, Voice]:
    """Return a pairing and whose voice it is about. Raises NotYours, NotFound."""
    if whose not in set(Voice):
        raise NotFound
    seen, voice = pairing_queries.shown(uid, person()), Voice(whose)
    if voice not in may_say(seen):
        raise NotYours
    return seen, voice


def may_say(seen: Shown) -> tuple[Voice, ...]:
    """Return whose voices somebody enters: the team its own, the village and county the others."""
    if not seen.staff:
        return (Voice.TEAM,)
    return (Voice.GUARDIAN, Voice.CHILD) if seen.enters else ()


def links(seen: Shown) -> list[tuple[str, str, str]]:
    """Return (words, address, tone) of the voices that somebody may enter now."""
    mine = may_say(seen)
    due = queries.missing(seen.pairing, services.occasion_of(seen.pairing)) if mine else []
    return [
        (str(TITLES[one]), url_for("voices.say", uid=seen.pairing.uid, whose=one), "")
        for one in due
        if one in mine
    ]


@bp.get("/pairings/voices")
@allow(Role.COORDINATOR)
def listing() -> ResponseReturnValue:
    me = person()
    page = queries.tasks(me, after=request.args.get("after"))
    seen_in_list("voices", len(page.rows), by=me)
    return render_template(
        "voices/listing.html", page=page, occasions=OCCASIONS, troubles=TROUBLES, tones=TONES
    )


@bp.route("/pairings/voices/<uid>", methods=["GET", "POST"])
@allow(Role.COORDINATOR)
def settle(uid: str) -> ResponseReturnValue:
    me, form = person(), SettleForm.of_request()
    found = queries.task(uid, me)
    if form.carries_out(lambda: services.settle(uid, str(form.note.data), by=me)):
        flash(_("已记下怎么处理的"), "ok")
        return redirect(url_for("voices.listing"))
    page = render_template(
        "voices/task.html",
        found=found,
        task=found.VoiceTask,
        rows=[] if found.own else queries.said_on(found.pairing_id, found.VoiceTask.occasion),
        questions=list(Question),
        words=QUESTIONS[Voice.CHILD],
        voices=VOICES,
        faces=FACES,
        occasions=OCCASIONS,
        troubles=TROUBLES,
        form=form,
    )
    seen_elsewhere(found.VoiceTask.child_id, by=me, fields=SHOWN_OF_CHILD)
    return page, form.status
