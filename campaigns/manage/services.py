"""What can happen to a campaign before, while and after the public sees it.

Whoever edits, whoever reviews and whoever publishes are three people; the conditions stand in
the WHERE of the UPDATE, the version in it keeps anybody from acting on what they have not seen.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session

from accounts.models import Person
from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.rules import MOVES, Check, Verb
from campaigns.models import Campaign, CampaignPartner, Slot
from campaigns.pictures.queries import of_campaign
from campaigns.pictures.services import forget as forget_picture
from campaigns.reports.services import publish as publish_report
from campaigns.rules import Stage
from campaigns.signups.leaving.services import call_off
from campaigns.wishes.services import call_off as call_off_wishes
from campaigns.wording.queries import problems
from core import audit, clock
from core.audit import AuditRow
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.richtext import cleaned
from core.show import duration

UNSCHEDULED = {"publish_at": None, "publish_by_id": None}
EDITS = ("create_campaign", "edit_campaign", "edit_slots", "add_picture", "remove_picture")


SHOWING = frozenset({Verb.SUBMIT, Verb.APPROVE, Verb.PUBLISH})
"""Steps before which every word is looked at again."""


class Conflict(RuleBroken):
    """Somebody else has changed it since the page was opened."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything an editor writes about a campaign, in both languages."""

    brand_id: int
    area_id: int
    host_id: int | None
    title: str
    title_en: str
    summary: str
    summary_en: str
    story: str
    story_en: str
    needed: str
    needed_en: str
    risks: str
    risks_en: str
    protections: list[str]
    plans: list[str]
    recruit_from: date
    recruit_until: date
    training_on: date | None
    visits_from: date
    visits_until: date
    goal_volunteers: int

    def kept(self) -> dict[str, Any]:
        """Return what is stored: the stories without any HTML."""
        return asdict(self) | {"story": cleaned(self.story), "story_en": cleaned(self.story_en)}


def create(slug: str, draft: Draft, partners: Sequence[int], *, by: Actor) -> str:
    """Begin a campaign as a draft; return its uid. Raises RuleBroken when the address is taken."""
    with transaction() as session:
        made = insert_once(
            Campaign, slug=slug, **draft.kept(), edited_by_id=by.id, edited_at=clock.now()
        )
        if made is None:
            raise RuleBroken(_("这个网址已被别的活动用了，请换一个"))
        _set_partners(session, made, partners)
        uid = session.get_one(Campaign, made).uid
        audit.record("create_campaign", "campaign", uid, by=by.id)
        return uid


def save(uid: str, draft: Draft, partners: Sequence[int], *, version: int, by: Actor) -> None:
    """Write a draft anew, if nobody has changed it since that version."""
    with transaction() as session:
        before = campaign_of(uid, by, Role.EDITOR)
        fields = [name for name, value in draft.kept().items() if getattr(before, name) != value]
        saved = session.scalar(
            update(Campaign)
            .where(
                Campaign.id == before.id,
                Campaign.stage == Stage.DRAFT,
                Campaign.version == version,
            )
            .values(**draft.kept(), **_edited(by))
            .returning(Campaign.id)
        )
        if saved is None:
            raise why_not(session, uid, frozenset({Stage.DRAFT}), version)
        _set_partners(session, saved, partners)
        audit.record("edit_campaign", "campaign", uid, by=by.id, fields=fields)


def _edited(by: Actor) -> dict[str, Any]:
    return {
        "edited_by_id": by.id,
        "edited_at": clock.now(),
        "version": Campaign.version + 1,
    }


def _set_partners(session: Session, campaign_id: int, partners: Sequence[int]) -> None:
    session.execute(delete(CampaignPartner).where(CampaignPartner.campaign_id == campaign_id))
    session.add_all(CampaignPartner(campaign_id=campaign_id, org_id=org_id) for org_id in partners)


@dataclass(frozen=True, slots=True)
class Step:
    """A step somebody takes with a campaign they have seen in that version."""

    verb: Verb
    version: int
    reason: str = ""
    checks: Sequence[Check] = ()


def move(uid: str, step: Step, *, by: Actor) -> None:
    """Move a campaign to another stage. Raises RuleBroken with what stands against it."""
    rule = MOVES[step.verb]
    with transaction() as session:
        seen = campaign_of(uid, by, rule.role)
        if step.verb is Verb.SUBMIT and (missing := gaps(session, seen)):
            raise RuleBroken(*missing)
        if step.verb in SHOWING and (amiss := slips_in(seen)):
            raise RuleBroken(*amiss)
        moved = session.scalar(
            update(Campaign)
            .where(
                Campaign.id == seen.id,
                Campaign.stage.in_(rule.sources),
                Campaign.version == step.version,
                *other_people(step.verb, uid, by),
            )
            .values(stage=rule.target, version=Campaign.version + 1, **_traces(step, by))
            .returning(Campaign.id)
        )
        if moved is None:
            raise why_not(session, uid, rule.sources, step.version)
        if step.verb is Verb.REPORT:
            publish_report(seen, by=by)
        if step.verb is Verb.CANCEL:
            call_off(moved)
            call_off_wishes(moved)
            forget_picture(moved)
        action = f"{step.verb.value}_campaign"
        checks = [check.value for check in step.checks]
        audit.record(action, "campaign", uid, by=by.id, fields=checks, reason=step.reason)


def _traces(step: Step, by: Actor) -> dict[str, Any]:
    """Return what a step leaves in the campaign's row beside its stage."""
    traces: dict[Verb, dict[str, Any]] = {
        Verb.SUBMIT: {"review_note": ""},
        Verb.WITHDRAW: {"reviewed_by_id": None, **UNSCHEDULED},
        Verb.APPROVE: {"reviewed_by_id": by.id, "review_note": ""},
        Verb.SEND_BACK: {"review_note": step.reason},
        Verb.PUBLISH: {"published_by_id": by.id, "published_at": clock.now(), **UNSCHEDULED},
    }
    return traces.get(step.verb, {})


def other_people(verb: Verb, uid: str, by: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions that nobody reviews or publishes their own work."""
    if verb not in {Verb.APPROVE, Verb.SEND_BACK, Verb.PUBLISH}:
        return []
    wrote = exists().where(
        AuditRow.kind == "campaign",
        AuditRow.ref == uid,
        AuditRow.actor_id == by.id,
        AuditRow.action.in_(EDITS),
    )
    conditions = [Campaign.edited_by_id.is_distinct_from(by.id), ~wrote]
    if verb is Verb.PUBLISH:
        conditions.append(Campaign.reviewed_by_id.is_distinct_from(by.id))
    return conditions


def why_not(session: Session, uid: str, sources: frozenset[Stage], version: int) -> RuleBroken:
    """Return why nothing changed: somebody was faster, the stage is another, or it is one's own."""
    found = session.execute(
        select(Campaign.stage, Campaign.version, Campaign.edited_at, Person.name)
        .outerjoin(Person, Person.id == Campaign.edited_by_id)
        .where(Campaign.uid == uid)
    ).one()
    if found.version != version:
        ago = duration(clock.now() - found.edited_at)
        return Conflict(
            _(
                "刚刚有人先改了（%(name)s，%(ago)s前），请看过最新的内容再决定",
                name=found.name or "",
                ago=ago,
            )
        )
    if found.stage not in sources:
        return RuleBroken(_("活动现在的阶段不能这样做，请刷新页面看看"))
    return RuleBroken(_("编辑、审核、发布要由三个不同的人来做，请另一位同事办理"))


def gaps(session: Session, campaign: Campaign) -> list[str]:
    """Return what is still missing before a campaign can be reviewed."""
    today = clock.today()
    days = session.execute(
        select(Slot.starts_on, Slot.ends_on).where(Slot.campaign_id == campaign.id)
    ).all()
    outside = any(
        slot.starts_on < campaign.visits_from or slot.ends_on > campaign.visits_until
        for slot in days
    )
    found = {
        _("还没有写活动故事"): not campaign.story,
        _("还没有写需要什么样的人"): not campaign.needed,
        _("还没有写风险告知"): not campaign.risks,
        _("还没有选主办单位"): campaign.host_id is None,
        _("志愿者目标人数要大于 0"): campaign.goal_volunteers <= 0,
        _("还没有设名额"): not days,
        _("有名额的日期在走访日期之外"): outside,
        _("报名截止日期已经过去"): campaign.recruit_until < today,
    }
    return [reason for reason, applies in found.items() if applies]


def slips_in(campaign: Campaign) -> list[str]:
    """Return what in a campaign's texts, and in the words of its picture, must not be public."""
    names = ("title", "summary", "story", "needed", "risks")
    texts = [getattr(campaign, f"{name}{end}") for name in names for end in ("", "_en")]
    picture = of_campaign(campaign.id)
    return problems(*texts, *([picture.alt, picture.alt_en] if picture else []))
