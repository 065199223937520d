"""Where stories are written, looked at by three people one after the other, and taken back."""

from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import Actor, Role
from accounts.web import person
from campaigns.manage.forms import number
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.rules import WORKING
from campaigns.stories import labels
from campaigns.stories.desk import queries, services
from campaigns.stories.desk.forms import (
    NOBODY,
    SOME,
    CheckForm,
    ChildForm,
    NoteForm,
    StoryForm,
    StoryPictureForm,
)
from campaigns.stories.faces.queries import is_live, number_named, told
from campaigns.stories.models import Story
from campaigns.stories.naming import services as naming
from campaigns.stories.rules import CHECKING, COLUMNS, LINKING, Hands, State
from campaigns.stories.services import withdraw as withdraw_story
from core.access import allow
from core.bodies import takes
from core.config import Settings
from core.forms import carry_out
from core.i18n import _
from core.pictures import MOST_BYTES, kept

bp = Blueprint("manage_stories", __name__)
BESIDES = 64 * 1024
"""Bytes of a form beside its picture."""


def folder() -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.home / "stories"


@bp.get("/manage/campaigns/<uid>/stories")
@allow(*WORKING)
def listing(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = campaign_of(uid, me)
    return render_template(
        "stories/listing.html",
        campaign=campaign,
        page=queries.stories(campaign.id, after=request.args.get("after")),
        may_edit=me.has(Role.EDITOR),
        labels=labels,
    )


@bp.get("/manage/stories")
@allow(*WORKING)
def waiting() -> ResponseReturnValue:
    """Show what waits for a step that whoever reads may take."""
    me, asked = person(), request.args.get("show", "")
    mine = {state: name for state, name in labels.STEPS.items() if me.has(*CHECKING[state].roles)}
    tab = State(asked) if asked in {state.value for state in mine} else next(iter(mine))
    return render_template(
        "stories/waiting.html",
        page=queries.waiting(me, tab, after=request.args.get("after")),
        counts=queries.counts(me),
        tabs=mine,
        tab=tab,
        labels=labels,
    )


@bp.route("/manage/campaigns/<uid>/stories/new", methods=["GET", "POST"])
@allow(Role.EDITOR)
def new(uid: str) -> ResponseReturnValue:
    me = person()
    campaign = campaign_of(uid, me, Role.EDITOR)
    form = StoryForm.of_request()
    if form.carries_out(lambda: services.write(uid, form.written(), by=me)):
        flash(_("草稿已存好。可以放一张图片，也可以直接提交"), "ok")
        return redirect(url_for("manage_stories.show", uid=form.result))
    page = render_template("stories/edit.html", campaign=campaign, form=form, story=None)
    return page, form.status


@bp.route("/manage/stories/<uid>/edit", methods=["GET", "POST"])
@allow(Role.EDITOR)
def edit(uid: str) -> ResponseReturnValue:
    me = person()
    row = queries.story(uid, me, Role.EDITOR)
    form = StoryForm.of_request(**_as_typed(row.Story))

    def rewrite() -> None:
        services.rewrite(uid, form.written(), version=form.seen_version(), by=me)

    if form.carries_out(rewrite):
        flash(_("已保存"), "ok")
        return redirect(url_for("manage_stories.show", uid=uid))
    page = render_template("stories/edit.html", campaign=row.Campaign, form=form, story=row.Story)
    return page, form.status


def _as_typed(story: Story) -> dict[str, object]:
    return {
        "text": story.text,
        "text_en": story.text_en,
        "about": SOME if story.children else NOBODY,
        "children": story.children or None,
        "version": str(story.version),
    }


@bp.get("/manage/stories/<uid>")
@allow(*WORKING)
def show(uid: str) -> ResponseReturnValue:
    return _sheet(uid, ChildForm(), CheckForm())


def _sheet(uid: str, child_form: ChildForm, check_form: CheckForm) -> ResponseReturnValue:
    me = person()
    row = queries.story(uid, me)
    story, lead = row.Story, me.has(Role.SAFEGUARDING_LEAD)
    check_form.version.data = str(story.version)
    page = render_template(
        "stories/show.html",
        row=row,
        story=story,
        told=told(story),
        live=story.state is State.PUBLISHED and is_live(story.id),
        number_named=number_named(story.id) if story.children else 0,
        named=queries.named(story.id) if lead and story.children else [],
        may_edit=me.has(Role.EDITOR) and story.state is State.DRAFT,
        may_name=lead and story.children and story.state in LINKING,
        may_check=_may_check(me, story),
        proofs=queries.proofs(story.id) if story.state is State.WITHDRAWN else [],
        child_form=child_form,
        check_form=check_form,
        labels=labels,
    )
    return page, 422 if child_form.errors or check_form.errors else 200


def _may_check(me: Actor, story: Story) -> bool:
    step = CHECKING.get(story.state)
    hands = Hands(story.author_id, story.first_by_id, story.second_by_id)
    return step is not None and me.has(*step.roles) and not hands.bar(me.id, story.state)


@bp.route("/manage/stories/<uid>/picture", methods=["GET", "POST"])
@allow(Role.EDITOR)
@takes(MOST_BYTES + BESIDES)
def picture(uid: str) -> ResponseReturnValue:
    me = person()
    row = queries.story(uid, me, Role.EDITOR)
    form = StoryPictureForm.of_request()

    def add() -> None:
        services.add_picture(uid, form.drawing(kept(folder(), form.drawn)), by=me)

    if form.carries_out(add):
        flash(_("图片已保存，请看看马赛克有没有盖住"), "ok")
        return redirect(url_for("manage_stories.show", uid=uid))
    page = render_template("stories/picture.html", row=row, form=form, columns=COLUMNS)
    return page, form.status


@bp.post("/manage/stories/<uid>/picture/remove")
@allow(Role.EDITOR)
def remove_picture(uid: str) -> ResponseReturnValue:
    carry_out(lambda: services.remove_picture(uid, by=person()))
    flash(_("图片已拿掉"), "ok")
    return redirect(url_for("manage_stories.show", uid=uid))


@bp.post("/manage/stories/<uid>/submit")
@allow(Role.EDITOR)
def submit(uid: str) -> ResponseReturnValue:
    version = number(request.form.get("version"))
    carry_out(lambda: services.submit(uid, version=version, by=person()))
    flash(_("已提交，等初审"), "ok")
    return redirect(url_for("manage_stories.show", uid=uid))


@bp.post("/manage/stories/<uid>/check")
@allow(*WORKING)
def check(uid: str) -> ResponseReturnValue:
    me, form = person(), CheckForm.of_request()
    queries.story(uid, me)
    if form.carries_out(lambda: services.check(uid, form.checked(), by=me).value):
        flash(str(labels.DONE[State(str(form.result))]), "ok")
        return redirect(url_for("manage_stories.show", uid=uid))
    return _sheet(uid, ChildForm(), form)


@bp.route("/manage/stories/<uid>/send-back", methods=["GET", "POST"])
@allow(*WORKING)
def send_back(uid: str) -> ResponseReturnValue:
    me = person()
    row = queries.story(uid, me)
    form = NoteForm.of_request(version=str(row.Story.version))

    def back() -> None:
        services.send_back(uid, str(form.note.data), version=form.seen_version(), by=me)

    if form.carries_out(back):
        flash(_("已退回"), "ok")
        return redirect(url_for("manage_stories.show", uid=uid))
    return render_template("stories/send_back.html", row=row, form=form), form.status


@bp.route("/manage/stories/<uid>/withdraw", methods=["GET", "POST"])
@allow(*WORKING)
def withdraw(uid: str) -> ResponseReturnValue:
    me = person()
    row = queries.story(uid, me)
    form = NoteForm.of_request(version=str(row.Story.version))
    if form.carries_out(lambda: withdraw_story(uid, str(form.note.data), by=me)):
        flash(_("已撤回，所有页面上都没有了；核对的结果稍后写在这里"), "ok")
        return redirect(url_for("manage_stories.show", uid=uid))
    return render_template("stories/withdraw.html", row=row, form=form), form.status


@bp.post("/manage/stories/<uid>/children")
@allow(Role.SAFEGUARDING_LEAD)
def name_child(uid: str) -> ResponseReturnValue:
    me, form = person(), ChildForm.of_request()
    queries.story(uid, me, Role.SAFEGUARDING_LEAD)
    if form.carries_out(lambda: naming.name_child(uid, form.yes(), by=me)):
        flash(_("已登记"), "ok")
        return redirect(url_for("manage_stories.show", uid=uid))
    return _sheet(uid, form, CheckForm())


@bp.post("/manage/stories/<uid>/children/<int:entry>/remove")
@allow(Role.SAFEGUARDING_LEAD)
def unname_child(uid: str, entry: int) -> ResponseReturnValue:
    carry_out(lambda: naming.unname_child(uid, entry, by=person()))
    flash(_("已去掉"), "ok")
    return redirect(url_for("manage_stories.show", uid=uid))
