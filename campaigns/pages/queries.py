"""What tells that the public pages of campaigns have changed."""

from sqlalchemy import func, select

from campaigns.models import Campaign
from core.db import db

_VERSION = select(
    func.count(), func.coalesce(func.sum(Campaign.version), 0), func.max(Campaign.edited_at)
).select_from(Campaign)


def version() -> tuple[object, ...]:
    """Return what changes whenever a campaign is edited, published, halted or taken back.

    Seats that are taken leave it as it is: pages that are kept may tell them some seconds late.
    """
    return tuple(db.session.execute(_VERSION).one())
