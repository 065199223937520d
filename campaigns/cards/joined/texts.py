"""The words of the picture for whoever has signed up, and what a held page shares."""

from dataclasses import dataclass

from flask import url_for

from campaigns.cards.joined.drawing import Joined
from campaigns.labels import told_days
from campaigns.queries import Edition, edition
from core.codes import outside
from core.i18n import _
from core.paper import missing


def joined_of(campaign: Edition) -> Joined | None:
    """Return what the picture says; None while the font lacks one of its characters."""
    address = outside(url_for("campaigns.show", slug=campaign.slug))
    visits = told_days(campaign.visits_from, campaign.visits_until)
    card = Joined(
        art=campaign.brand.art,
        brand=f"{_('童行')} · {campaign.brand.name}",
        said=_("我报名了，你也来吗？"),
        title=campaign.title,
        facts=tuple(filter(None, (f"{_('走访')} {visits}", campaign.host))),
        call=_("扫码一起来"),
        address=address.partition("://")[2],
        code=address,
        lines=_("孩子有危险，打 110 或 12345"),
    )
    return None if missing(*card.texts) else card


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody may pass on: the campaign's own address and its picture, nothing of theirs."""

    title: str
    address: str
    picture: str
    """Empty while there is none."""


def share_of(slug: str) -> Share | None:
    """Return what may be passed on of a campaign; None of a halted one. Raises NotYours."""
    campaign = edition(slug)
    if campaign.halted:
        return None
    has_one = joined_of(campaign) is not None
    return Share(
        campaign.title,
        outside(url_for("campaigns.show", slug=slug)),
        url_for("cards.joined", slug=slug, v=campaign.version) if has_one else "",
    )
