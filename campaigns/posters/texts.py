"""The words of a poster: the campaign's own, in the reader's language."""

from flask import url_for

from campaigns.labels import told_days
from campaigns.posters.drawing import Poster
from campaigns.posters.rules import tagged
from campaigns.queries import Edition
from core.codes import outside
from core.i18n import _, locale

MOST_NEEDED = 5


def poster_of(campaign: Edition, tag: str) -> Poster:
    """Return what a place's poster says: no child, and no number about children."""
    address = outside(url_for("campaigns.show", slug=campaign.slug))
    facts = [
        (_("报名"), told_days(campaign.recruitment.first, campaign.recruitment.last)),
        (_("走访"), told_days(campaign.visits_from, campaign.visits_until)),
        (_("主办"), campaign.host),
    ]
    return Poster(
        art=campaign.brand.art,
        brand=f"{_('童行')} · {campaign.brand.name}",
        title=campaign.title,
        summary=campaign.summary,
        needed_heading=_("需要什么样的人"),
        needed=campaign.needed[:MOST_NEEDED],
        facts=[(said, text) for said, text in facts if text],
        call=_("扫码报名"),
        address=address.partition("://")[2],
        code=tagged(address, tag),
        help=_("发现孩子受到侵害或陷入困境，请立即拨打"),
        lines=_("110 或 12345"),
        language="en" if locale() == "en" else "zh-Hans",
    )
