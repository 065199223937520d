"""Writing a closing report, publishing it with the numbers of that day, and correcting it.

An editor writes it while the campaign is being wrapped up; a publisher who has not written it
makes it public by the step that the campaign takes anyway. After that the numbers change no
more, and a text only by a correction: a version of its own beside the public one, again written
by one person and published by another. What was public before it stays, for the desk alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from campaigns.manage.queries import campaign as campaign_of
from campaigns.manage.queries import counties_of
from campaigns.models import Campaign
from campaigns.numbers.queries import figures
from campaigns.numbers.rules import laid_aside
from campaigns.reports.models import ClosingReport
from campaigns.reports.queries import (
    correction,
    gaps,
    has_written,
    in_public,
    slips_in,
    written,
    wrote,
)
from campaigns.reports.rules import changed
from campaigns.reports.waiting.queries import still_open
from campaigns.rules import REPORTED, Stage
from campaigns.wording.queries import problems
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.richtext import cleaned


def write(uid: str, text: str, text_en: str, *, version: int, by: Actor) -> None:
    """Write a campaign's report anew, if nobody has changed the campaign since that version."""
    with transaction() as session:
        seen = campaign_of(uid, by, Role.EDITOR)
        if amiss := problems(text, text_en):
            raise RuleBroken(*amiss)
        changed = session.scalar(
            update(Campaign)
            .where(
                Campaign.id == seen.id,
                Campaign.stage == Stage.WRAP_UP,
                Campaign.version == version,
            )
            .values(edited_by_id=by.id, edited_at=clock.now(), version=Campaign.version + 1)
            .returning(Campaign.id)
        )
        if changed is None:
            raise RuleBroken(_("活动刚刚有人改过，或者已经不在收尾阶段，请看过最新的内容再写"))
        _write_first(session, changed, {"text": cleaned(text), "text_en": cleaned(text_en)}, by)
        audit.record("write_report", "campaign", uid, by=by.id, fields=["text", "text_en"])


def _write_first(session: Session, campaign_id: int, texts: dict[str, str], by: Actor) -> None:
    """Store the first version of a report in place of what was written of it before."""
    texts_by = texts | {"written_by_id": by.id, "written_at": clock.now()}
    rewritten = session.scalar(
        update(ClosingReport)
        .where(ClosingReport.campaign_id == campaign_id, still_open())
        .values(**texts_by, version=ClosingReport.version + 1)
        .returning(ClosingReport.id)
    )
    if rewritten is None:
        begun_at = texts_by["written_at"]  # before the audit's row of it, by whatever clock
        session.add(ClosingReport(campaign_id=campaign_id, begun_at=begun_at, **texts_by))


def publish(campaign: Campaign, *, by: Actor) -> None:
    """Publish a report with its final numbers, in the caller's transaction. Raises RuleBroken."""
    if missing := gaps(campaign):
        raise RuleBroken(*missing)
    told = figures(campaign.id, [int(one) for one, _name in counties_of(campaign.area_id)])
    with transaction() as session:
        found = session.scalar(
            update(ClosingReport)
            .where(
                ClosingReport.campaign_id == campaign.id,
                still_open(),
                ClosingReport.written_by_id != by.id,
                ~has_written(campaign.uid, by.id),
            )
            .values(figures=laid_aside(told), published_by_id=by.id, published_at=clock.now())
            .returning(ClosingReport.id)
        )
        if found is None:
            raise RuleBroken(_("写总结和公布总结要由两个不同的人来做，请另一位同事办理"))


@dataclass(frozen=True, slots=True)
class Seen:
    """Which version of a report somebody had before them; version 0 is one yet to begin."""

    number: int
    version: int


@dataclass(frozen=True, slots=True)
class Correction:
    """The whole text anew and why, with what its writer had seen when they began."""

    text: str
    text_en: str
    reason: str
    reason_en: str
    number: int
    version: int

    def kept(self) -> dict[str, str]:
        """Return what is stored: texts without any HTML."""
        return {
            "text": cleaned(self.text),
            "text_en": cleaned(self.text_en),
            "reason": self.reason,
            "reason_en": self.reason_en,
        }


def standing(campaign_id: int) -> Seen:
    """Return what a correction that is written now has to have seen."""
    last = written(campaign_id)
    if last is None or last.published_at or last.given_up_at:
        return Seen((last.number if last else 0) + 1, 0)
    return Seen(last.number, last.version)


def correct(uid: str, said: Correction, *, by: Actor) -> None:
    """Write a correction, or write it anew; what is public stays as it is until it is published.

    Raises RuleBroken: somebody was faster, it changes nothing, or the words must not be public.
    """
    with transaction() as session:
        campaign = campaign_of(uid, by, Role.EDITOR)
        before, kept = public_of(campaign), said.kept()
        if amiss := problems(*kept.values()):
            raise RuleBroken(*amiss)
        if standing(campaign.id) != Seen(said.number, said.version):
            raise _overtaken()
        if not any(changed(getattr(before, name), kept[name]) for name in ("text", "text_en")):
            raise RuleBroken(_("文字和现在公开的一样，没有要更正的"))
        values = kept | {"written_by_id": by.id, "written_at": clock.now()}
        made = (
            _rewritten(session, campaign.id, said, values)
            if said.version
            else insert_once(
                ClosingReport,
                campaign_id=campaign.id,
                number=said.number,
                figures=before.figures,
                begun_at=clock.now(),
                **values,
            )
        )
        if made is None:
            raise _overtaken()
        fields = [name for name, value in kept.items() if value != getattr(before, name)]
        audit.record("write_correction", "campaign", uid, by=by.id, fields=fields)


def _rewritten(
    session: Session, campaign_id: int, said: Correction, values: Mapping[str, object]
) -> int | None:
    return session.scalar(
        update(ClosingReport)
        .where(
            ClosingReport.campaign_id == campaign_id,
            ClosingReport.number == said.number,
            ClosingReport.version == said.version,
            still_open(),
        )
        .values(**values, version=ClosingReport.version + 1)
        .returning(ClosingReport.id)
    )


def public_of(campaign: Campaign) -> ClosingReport:
    """Return what the public reads of a report. Raises RuleBroken where there is nothing yet."""
    found = in_public(campaign.id) if campaign.stage in REPORTED else None
    if found is None:
        raise RuleBroken(_("这个活动没有公布过总结，没有可以更正的"))
    return found


def _overtaken() -> RuleBroken:
    return RuleBroken(_("刚刚有别人写了、公布了或放弃了这份更正，请看过最新的内容再决定"))


def publish_correction(uid: str, seen: Seen, *, by: Actor) -> None:
    """Put a correction in the place of what is public, with its numbers as they were told.

    Nobody publishes what they have written in. That the numbers are whole was asked when they
    were told first; a text that must not stay public does not wait for it once more. Raises
    RuleBroken.
    """
    with transaction() as session:
        campaign = campaign_of(uid, by, Role.PUBLISHER)
        public_of(campaign)
        found = _open(campaign.id, seen)
        if amiss := slips_in(found):
            raise RuleBroken(*amiss)
        done = session.scalar(
            update(ClosingReport)
            .where(
                ClosingReport.id == found.id,
                ClosingReport.version == seen.version,
                still_open(),
                ClosingReport.written_by_id != by.id,
                ~has_written(uid, by.id),
            )
            .values(published_by_id=by.id, published_at=clock.now())
            .returning(ClosingReport.id)
        )
        if done is None:
            raise _two_people() if wrote(found, uid, by) else _overtaken()
        # pages that are kept ready go by the campaigns' versions
        session.execute(
            update(Campaign).where(Campaign.id == campaign.id).values(version=Campaign.version + 1)
        )
        audit.record("publish_correction", "campaign", uid, by=by.id, reason=found.reason)


def give_up_correction(uid: str, seen: Seen, *, by: Actor) -> None:
    """Let go of a correction before it is public; what was written stays for the desk to read."""
    with transaction() as session:
        campaign = campaign_of(uid, by, Role.EDITOR, Role.PUBLISHER)
        found = _open(campaign.id, seen)
        done = session.scalar(
            update(ClosingReport)
            .where(
                ClosingReport.id == found.id, ClosingReport.version == seen.version, still_open()
            )
            .values(given_up_by_id=by.id, given_up_at=clock.now())
            .returning(ClosingReport.id)
        )
        if done is None:
            raise _overtaken()
        audit.record("give_up_correction", "campaign", uid, by=by.id)


def _open(campaign_id: int, seen: Seen) -> ClosingReport:
    """Return the correction as it was seen. Raises RuleBroken when it is another by now."""
    found = correction(campaign_id)
    if found is None or seen != Seen(found.number, found.version):
        raise _overtaken()
    return found


def _two_people() -> RuleBroken:
    return RuleBroken(_("写更正和公布更正要由两个不同的人来做，请另一位同事办理"))
