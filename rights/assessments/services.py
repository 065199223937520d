"""Writing an assessment, approving it as somebody else, and looking at it again each year."""

from dataclasses import asdict, dataclass

from sqlalchemy import select, update

from accounts.rules import Actor, Role
from children.consents.rules import months_later
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, value_on
from rights.assessments.models import Assessment
from rights.assessments.rules import TEXTS, Result, State

PARAMETERS = (
    Parameter(
        "rights.assessment_months",
        12,
        _l("影响评估几个月后复核"),
        _l("月"),
        _l("本站设计：每年复核"),
        "D",
    ),
)
MOST_MONTHS = 36
WRITERS = (Role.DPO,)
APPROVERS = (Role.DPO, Role.CITY_COORDINATOR, Role.SAFEGUARDING_LEAD)


@dataclass(frozen=True, slots=True)
class Content:
    """What an assessment says."""

    title: str
    purposes: str
    involved: str
    necessity: str
    risks: str
    measures: str
    conclusion: Result


def write(content: Content, *, by: Actor) -> str:
    """Begin an assessment; return its uid."""
    with transaction():
        return _insert(content, None, by=by)


def rewrite(uid: str, content: Content, *, version: int, by: Actor) -> None:
    """Change a draft; whoever changes it counts as its writer. Raises RuleBroken."""
    with transaction() as session:
        changed = session.scalar(
            update(Assessment)
            .where(
                Assessment.uid == uid,
                Assessment.state == State.DRAFT,
                Assessment.version == version,
            )
            .values(
                **asdict(content),
                written_by_id=by.id,
                written_at=clock.now(),
                version=Assessment.version + 1,
            )
            .returning(Assessment.id)
        )
        if changed is None:
            raise RuleBroken(_("刚刚有人改过或批准了，请看最新的内容再办"))
        audit.record("assessment_written", "assessment", uid, by=by.id)


def approve(uid: str, *, version: int, by: Actor) -> None:
    """Approve a draft somebody else has written; what it reviews is superseded.

    Raises NotYours, RuleBroken.
    """
    now, months = clock.now(), int(value_on("rights.assessment_months", clock.today()))
    review_on = months_later(clock.today(), min(months, MOST_MONTHS))
    with transaction() as session:
        draft = _find(uid)
        if draft.written_by_id == by.id:
            raise RuleBroken(_("自己写的评估要由另一个人批准"))
        approved = session.execute(
            update(Assessment)
            .where(
                Assessment.uid == uid,
                Assessment.state == State.DRAFT,
                Assessment.version == version,
                Assessment.written_by_id != by.id,
            )
            .values(
                state=State.APPROVED,
                approved_by_id=by.id,
                approved_at=now,
                review_on=review_on,
                version=Assessment.version + 1,
            )
            .returning(Assessment.previous_id)
        ).first()
        if approved is None:
            raise RuleBroken(_("刚刚有人改过或批准了，请看最新的内容再办"))
        session.execute(
            update(Assessment)
            .where(Assessment.id == (approved.previous_id or 0))
            .values(state=State.SUPERSEDED)
        )
        audit.record("assessment_approved", "assessment", uid, by=by.id)


def review(uid: str, *, by: Actor) -> str:
    """Begin the review of an approved assessment as a draft of its own; return its uid."""
    with transaction():
        old = _find(uid)
        if old.state is not State.APPROVED:
            raise RuleBroken(_("只有批准了的评估可以复核"))
        texts = {name: getattr(old, name) for name in TEXTS}
        return _insert(Content(**texts, conclusion=old.conclusion), old.id, by=by)


def _insert(content: Content, previous_id: int | None, *, by: Actor) -> str:
    uid = ids.uid()
    made = insert_once(
        Assessment,
        uid=uid,
        previous_id=previous_id,
        **asdict(content),
        state=State.DRAFT,
        written_by_id=by.id,
        written_at=clock.now(),
    )
    if made is None:
        raise RuleBroken(_("已经有人开始复核了"))
    audit.record("assessment_written", "assessment", uid, by=by.id)
    return uid


def _find(uid: str) -> Assessment:
    with transaction() as session:
        found = session.scalar(select(Assessment).where(Assessment.uid == uid).with_for_update())
        if found is None:
            raise NotYours
        return found
