"""Writing stories, and the steps of their gate: never two of them by the same person."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.stories.faces.queries import all_agree, number_named
from campaigns.stories.models import Story
from campaigns.stories.rules import CHECKING, IN_THE_GATE, Hands, Hiding, State, Step
from campaigns.wording.queries import problems_of_a_story
from core import audit, clock, ids
from core.db import transaction
from core.errors import RuleBroken
from core.i18n import _
from core.scopes import find


@dataclass(frozen=True, slots=True)
class Written:
    """What an author writes, and how many children it is about."""

    text: str
    text_en: str
    children: int


def write(campaign_uid: str, written: Written, *, by: Actor) -> str:
    """Begin a story as a draft; return its uid. Raises RuleBroken and NotYours."""
    with transaction() as session:
        campaign = campaign_of(campaign_uid, by, Role.EDITOR)
        _only_fine(written.text, written.text_en)
        story = Story(
            uid=ids.uid(),
            campaign_id=campaign.id,
            author_id=by.id,
            text=written.text,
            text_en=written.text_en,
            children=written.children,
        )
        session.add(story)
        audit.record("write_story", "story", story.uid, by=by.id)
        return story.uid


def rewrite(uid: str, written: Written, *, version: int, by: Actor) -> None:
    """Write a draft anew; whoever did so last is its author."""
    with transaction() as session:
        story = find(Story, uid, by, Role.EDITOR)
        _only_fine(written.text, written.text_en)
        if story.shows_children and not written.children:
            raise RuleBroken(_("图片上有孩子，就不能说与孩子无关；请先拿掉图片，或者写明几个孩子"))
        if number_named(story.id) > written.children:
            raise RuleBroken(_("已经登记的孩子比这里写的多，请未保专员先去掉多登记的"))
        _move(
            session,
            (Story.id == story.id) & (Story.state == State.DRAFT),
            version,
            text=written.text,
            text_en=written.text_en,
            children=written.children,
            author_id=by.id,
        )
        audit.record("edit_story", "story", uid, by=by.id)


def _only_fine(*texts: str) -> None:
    if amiss := problems_of_a_story(*texts):
        raise RuleBroken(*amiss)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture whose files are written, and what was said of the faces on it."""

    uid: str
    sizes: list[list[int]]
    alt: str
    alt_en: str
    hiding: Hiding
    shows_children: bool


def add_picture(uid: str, drawing: Drawing, *, by: Actor) -> None:
    """Give a draft a picture instead of the one it had."""
    with transaction() as session:
        story = find(Story, uid, by, Role.EDITOR)
        _only_fine(drawing.alt, drawing.alt_en)
        if drawing.shows_children and not story.children:
            raise RuleBroken(_("图上有孩子，请先在故事里写明与几个孩子有关"))
        _move(
            session,
            (Story.id == story.id) & (Story.state == State.DRAFT),
            story.version,
            picture_uid=drawing.uid,
            sizes=drawing.sizes,
            alt=drawing.alt,
            alt_en=drawing.alt_en,
            hiding=drawing.hiding,
            shows_children=drawing.shows_children,
            author_id=by.id,
        )
        audit.record("add_story_picture", "story", uid, by=by.id, fields=[drawing.hiding.value])


def remove_picture(uid: str, *, by: Actor) -> None:
    """Take the picture off a draft."""
    with transaction() as session:
        story = find(Story, uid, by, Role.EDITOR)
        _move(
            session,
            (Story.id == story.id) & (Story.state == State.DRAFT),
            story.version,
            picture_uid=None,
            sizes=[],
            alt="",
            alt_en="",
            hiding=None,
            shows_children=False,
            author_id=by.id,
        )
        audit.record("remove_story_picture", "story", uid, by=by.id)


def submit(uid: str, *, version: int, by: Actor) -> None:
    """Hand a draft over to the first checker."""
    with transaction() as session:
        story = find(Story, uid, by, Role.EDITOR)
        _only_fine(story.text, story.text_en, story.alt, story.alt_en)
        _move(
            session,
            (Story.id == story.id) & (Story.state == State.DRAFT),
            version,
            state=State.FIRST_CHECK,
            note="",
            first_by_id=None,
            second_by_id=None,
        )
        audit.record("submit_story", "story", uid, by=by.id)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a checker has ticked, and what they wrote of necessity and impact."""

    checks: tuple[str, ...]
    impact: str
    version: int


def check(uid: str, checked: Checked, *, by: Actor) -> State:
    """Take the step that is due, in the version that was read; return where the story stands.

    Words and consents are looked at again each time: what was fine at one step need not be so at
    the next.
    """
    with transaction() as session:
        story = find(Story, uid, by)
        step = _due(story, by)
        if Hands(story.author_id, story.first_by_id, story.second_by_id).bar(by.id, story.state):
            raise RuleBroken(_("写的人和审的人要不同，请另一位同事审核"))
        _only_fine(story.text, story.text_en, story.alt, story.alt_en)
        _ready(story, step.target, checked)
        _move(
            session,
            (Story.id == story.id) & (Story.state == step.source),
            checked.version,
            state=step.target,
            **_traces(step.source, checked, by),
        )
        audit.record(
            f"{step.source.value}_story", "story", uid, by=by.id, fields=list(checked.checks)
        )
        return step.target


def _due(story: Story, by: Actor) -> Step:
    """Return the step that is due and somebody's. Raises RuleBroken."""
    step = CHECKING.get(story.state)
    if step is None or not by.has(*step.roles):
        raise RuleBroken(_("这一步不由您来办，或者故事已经不在审核中，请看过最新的再办"))
    return step


def _ready(story: Story, target: State, checked: Checked) -> None:
    if target is State.SECOND_CHECK or not story.children:
        return
    if number_named(story.id) != story.children:
        raise RuleBroken(_("这篇写到 %(n)d 个孩子，请未保专员先把他们都登记上", n=story.children))
    if not all_agree(story.id):
        raise RuleBroken(
            _("不是每个孩子和监护人都同意公开，或者同意已经过期、撤回；请看孩子的同意书")
        )
    if not (checked.impact or story.impact):
        raise RuleBroken(_("请写明有没有必要公开、会有什么影响"))


def _traces(source: State, checked: Checked, by: Actor) -> dict[str, object]:
    traces: dict[State, dict[str, object]] = {
        State.FIRST_CHECK: {"first_by_id": by.id},
        State.SECOND_CHECK: {"second_by_id": by.id, "impact": checked.impact},
        State.FINAL_CHECK: {"published_by_id": by.id, "published_at": clock.now()},
    }
    return traces[source]


def send_back(uid: str, note: str, *, version: int, by: Actor) -> None:
    """Give a story back to its author, with what is to be mended."""
    with transaction() as session:
        story = find(Story, uid, by)
        _due(story, by)
        _move(
            session,
            (Story.id == story.id) & Story.state.in_(IN_THE_GATE),
            version,
            state=State.DRAFT,
            note=note,
            first_by_id=None,
            second_by_id=None,
        )
        audit.record("send_back_story", "story", uid, by=by.id)


def _move(session: Session, which: ColumnElement[bool], version: int, **values: object) -> None:
    """Change a story that nobody has changed since it was read. Raises RuleBroken."""
    moved = session.scalar(
        update(Story)
        .where(which, Story.version == version)
        .values(**values, version=Story.version + 1, edited_at=clock.now())
        .returning(Story.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise RuleBroken(_("这篇故事刚有人改过，或者已经不在这一步，请看过最新的再办"))
