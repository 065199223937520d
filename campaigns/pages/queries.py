"""What tells that the public pages of campaigns have changed."""

from sqlalchemy import func, select

from campaigns.models import Campaign
from campaigns.stories.faces.queries import SHOWN_VERSION
from core import clock
from core.db import db
from core.fences import everything

_VERSION = select(
    func.count(),
    func.coalesce(func.sum(Campaign.version), 0),
    func.max(Campaign.edited_at),
    SHOWN_VERSION,
).select_from(Campaign)


def version() -> tuple[object, ...]:
    """Return what changes whenever a campaign is edited, published, halted or taken back.

    So it does when a story appears, or goes because a child or its family agrees no more. Seats
    that are taken leave it as it is: pages that are kept may tell them some seconds late.
    """
    with everything():
        return tuple(db.session.execute(_VERSION, {"today": clock.today()}).one())
