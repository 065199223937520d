"""Closing reports as the public and those who make campaigns see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from accounts.rules import Actor
from campaigns.counties.queries import County
from campaigns.models import Campaign
from campaigns.numbers.queries import Progress, delay, progress, progress_of
from campaigns.numbers.rules import Figures, taken_up
from campaigns.queries import Edition
from campaigns.reports.models import ClosingReport
from campaigns.reports.waiting.queries import still_open
from campaigns.rules import REPORTED, Stage
from campaigns.wording.queries import problems
from core import clock
from core.audit import AuditRow
from core.db import AnyRow, db
from core.i18n import _
from core.paging import Page, newest_first
from places.queries import shown

WRITES = ("write_report", "write_correction")
VERSIONS_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Report:
    """A published report in the reader's language, with its final numbers."""

    text: str
    """As it was typed: pages show it by the filter `rich`."""
    published_at: datetime
    """When there was a report first."""
    figures: Figures
    corrected_at: datetime | None
    """When this version took the place of another; None of the first one."""
    reason: str
    """Why it did."""


def written(campaign_id: int) -> ClosingReport | None:
    """Return what was written last, public or not."""
    return db.session.scalar(
        select(ClosingReport)
        .where(ClosingReport.campaign_id == campaign_id)
        .order_by(ClosingReport.number.desc())
        .limit(1)
    )


def in_public(campaign_id: int) -> ClosingReport | None:
    """Return the version that the public reads."""
    return db.session.scalar(
        select(ClosingReport)
        .where(ClosingReport.campaign_id == campaign_id, ClosingReport.published_at.is_not(None))
        .order_by(ClosingReport.number.desc())
        .limit(1)
    )


def correction(campaign_id: int) -> ClosingReport | None:
    """Return the correction that is being written, or waits for whoever publishes it."""
    mine = ClosingReport.campaign_id == campaign_id
    return db.session.scalar(
        select(ClosingReport).where(mine, ClosingReport.number > 1, still_open())
    )


def has_written(uid: str, person_id: int | None) -> ColumnElement[bool]:
    """Return the condition that somebody has written in a version since it was begun."""
    return (
        exists()
        .where(
            AuditRow.kind == "campaign",
            AuditRow.ref == uid,
            AuditRow.actor_id == person_id,
            AuditRow.action.in_(WRITES),
            AuditRow.at >= ClosingReport.begun_at,
        )
        .correlate(ClosingReport)
    )


def wrote(version: ClosingReport, uid: str, by: Actor) -> bool:
    """Whether somebody has written in a version of that campaign's report."""
    asked = select(ClosingReport.id).where(ClosingReport.id == version.id, has_written(uid, by.id))
    return version.written_by_id == by.id or db.session.scalar(asked) is not None


def published(campaign: Edition) -> Report | None:
    """Return the report of a campaign, once it is public."""
    found = in_public(campaign.id) if campaign.stage in REPORTED else None
    if found is None or found.published_at is None:
        return None
    later = found.number > 1
    first = select(func.min(ClosingReport.published_at)).where(
        ClosingReport.campaign_id == campaign.id
    )
    return Report(
        text=shown(found.text, found.text_en),
        published_at=(db.session.scalar(first) if later else None) or found.published_at,
        figures=taken_up(found.figures),
        corrected_at=found.published_at if later else None,
        reason=shown(found.reason, found.reason_en),
    )


def reached(campaign: Edition, counties: Sequence[County]) -> Progress:
    """Return what the public may know of a campaign: after its report, what the report says."""
    report = published(campaign)
    if report is None:
        return progress(campaign.id, counties)
    return progress_of(report.figures, counties)


def gaps(campaign: Campaign) -> list[str]:
    """Return what still stands against publishing a campaign's report."""
    whole_on = campaign.visits_until + delay()
    report = written(campaign.id)
    found = {
        _("还没有写总结"): report is None,
        _("与孩子有关的数字要到 %(day)s 才齐，那天起可以公布总结", day=whole_on.isoformat()): (
            clock.today() < whole_on
        ),
    }
    amiss = slips_in(report) if report else []
    return [*(reason for reason, applies in found.items() if applies), *amiss]


def slips_in(version: ClosingReport) -> list[str]:
    """Return what in a version must not be public; its reason is public too."""
    return problems(version.text, version.text_en, version.reason, version.reason_en)


@dataclass(frozen=True, slots=True)
class AtDesk:
    """A campaign's report for the desk's page."""

    report: ClosingReport | None = None
    """What is public; before that, what has been written."""
    gaps: Sequence[str] = ()
    """What stands against publishing it for the first time."""
    correction: ClosingReport | None = None


def of_manage(campaign: Campaign) -> AtDesk:
    """Return the report for the desk's page, and what stands against publishing it."""
    if campaign.stage in REPORTED:
        return AtDesk(in_public(campaign.id), (), correction(campaign.id))
    if campaign.stage is not Stage.WRAP_UP:
        return AtDesk()
    return AtDesk(written(campaign.id), gaps(campaign))


def versions(campaign_id: int, *, after: str | None) -> Page[AnyRow]:
    """Return all versions that are no longer open, with their people, the latest first."""
    writer, publisher, quitter = (aliased(Person) for _turn in range(3))
    query = (
        select(
            ClosingReport,
            writer.name.label("writer"),
            publisher.name.label("publisher"),
            quitter.name.label("quitter"),
        )
        .join(writer, writer.id == ClosingReport.written_by_id)
        .outerjoin(publisher, publisher.id == ClosingReport.published_by_id)
        .outerjoin(quitter, quitter.id == ClosingReport.given_up_by_id)
        .where(ClosingReport.campaign_id == campaign_id, ~still_open())
    )
    return newest_first(query, [ClosingReport.number], after=after, size=VERSIONS_A_PAGE)
