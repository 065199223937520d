"""The words of a share card: the campaign's own, in the reader's language."""

from campaigns.cards.drawing import Card
from campaigns.labels import told_days
from campaigns.queries import Edition
from core.i18n import _
from core.paper import missing


def card_of(campaign: Edition) -> Card | None:
    """Return what the card says; None while the font lacks one of its characters."""
    first, last = campaign.recruitment.first, campaign.recruitment.last
    facts = (
        f"{_('报名')} {told_days(first, last)}",
        f"{_('走访')} {told_days(campaign.visits_from, campaign.visits_until)}",
        campaign.host,
    )
    card = Card(
        art=campaign.brand.art,
        brand=f"{_('童行')} · {campaign.brand.name}",
        title=campaign.title,
        facts=tuple(filter(None, facts)),
        lines=_("孩子有危险，打 110 或 12345"),
    )
    return None if missing(*card.texts) else card
