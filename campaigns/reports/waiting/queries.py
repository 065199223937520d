"""Which versions of reports are still open: asked by lists of campaigns and by reports alike."""

from sqlalchemy import ColumnElement, and_, exists

from campaigns.models import Campaign
from campaigns.reports.models import ClosingReport


def still_open() -> ColumnElement[bool]:
    """Return the condition that a version is neither published nor given up."""
    return and_(ClosingReport.published_at.is_(None), ClosingReport.given_up_at.is_(None))


def corrected() -> ColumnElement[bool]:
    """Return the condition that a correction of a campaign's report waits."""
    waiting = exists().where(
        ClosingReport.campaign_id == Campaign.id, ClosingReport.number > 1, still_open()
    )
    return waiting.correlate(Campaign)
