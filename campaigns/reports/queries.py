"""Closing reports as the public and those who make campaigns see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from campaigns.counties.queries import County
from campaigns.models import Campaign
from campaigns.numbers.queries import Progress, delay, progress, progress_of
from campaigns.numbers.rules import Figures, taken_up
from campaigns.queries import Edition
from campaigns.reports.models import ClosingReport
from campaigns.rules import REPORTED, Stage
from campaigns.wording.queries import problems
from core import clock
from core.db import db
from core.i18n import _
from places.queries import shown


@dataclass(frozen=True, slots=True)
class Report:
    """A published report in the reader's language, with its final numbers."""

    text: str
    """As it was typed: pages show it by the filter `rich`."""
    published_at: datetime
    figures: Figures


def written(campaign_id: int) -> ClosingReport | None:
    """Return what has been written so far."""
    return db.session.scalar(select(ClosingReport).where(ClosingReport.campaign_id == campaign_id))


def published(campaign: Edition) -> Report | None:
    """Return the report of a campaign, once it is public."""
    found = written(campaign.id) if campaign.stage in REPORTED else None
    if found is None or found.published_at is None:
        return None
    text = shown(found.text, found.text_en)
    return Report(text, found.published_at, taken_up(found.figures))


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
    amiss = problems(report.text, report.text_en) if report else []
    return [*(reason for reason, applies in found.items() if applies), *amiss]


def of_manage(campaign: Campaign) -> tuple[ClosingReport | None, list[str]]:
    """Return the report for the desk's page, and what stands against publishing it."""
    if campaign.stage is not Stage.WRAP_UP and campaign.stage not in REPORTED:
        return None, []
    return written(campaign.id), gaps(campaign) if campaign.stage is Stage.WRAP_UP else []
