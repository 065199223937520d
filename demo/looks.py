"""How often the demonstration's campaigns were looked at, and from which poster people came."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select, update

from campaigns.funnel.models import FunnelCount
from campaigns.funnel.rules import Step
from campaigns.models import Campaign, Slot
from campaigns.posters.models import CampaignPlace
from campaigns.rules import PUBLIC
from campaigns.signups.models import SignUp
from core.zone import CHINA
from demo.world import Edition, World

BY_POSTER = 0.55
"""How many of those who sign up have scanned a code, where posters hang."""
FIRST_STEPS = ((Step.OPENED, 2, 4), (Step.VIEWED, 6, 14))
"""For each sign-up, so many to so many opened a slot, and so many looked at the page."""


def look(world: World) -> None:
    """Give each sign-up a source, and count the looks that came before it."""
    for edition in world.editions:
        if edition.stage in PUBLIC:
            _look(world, edition, Random(edition.id))


def _look(world: World, edition: Edition, rng: Random) -> None:
    tags = world.session.scalars(
        select(CampaignPlace.tag)
        .where(CampaignPlace.campaign_id == edition.id)
        .order_by(CampaignPlace.id)
    ).all()
    area_id = world.session.scalars(select(Campaign.area_id).where(Campaign.id == edition.id)).one()
    counts: Counter[tuple[date, Step, str, int]] = Counter()
    sources: dict[str, list[int]] = {}
    for sign_up_id, at, county_id in _sign_ups(world, edition):
        source = _source(tags, rng)
        sources.setdefault(source, []).append(sign_up_id)
        for step, least, most in FIRST_STEPS:
            day = at.astimezone(CHINA).date() - timedelta(days=rng.randint(0, 2))
            where = county_id if step is Step.OPENED else area_id
            counts[day, step, source, where] += rng.randint(least, most)
    for source, ids in sources.items():
        if source:
            world.session.execute(update(SignUp).where(SignUp.id.in_(ids)).values(source=source))
    for (day, step, source, where), count in sorted(counts.items()):
        world.bulk.add(
            FunnelCount,
            campaign_id=edition.id, day=day, step=step, source=source, area_id=where, count=count,
        )  # fmt: skip


def _sign_ups(world: World, edition: Edition) -> Sequence[tuple[int, datetime, int]]:
    rows = world.session.execute(
        select(SignUp.id, SignUp.created_at, Slot.county_id)
        .join(Slot, Slot.id == SignUp.slot_id)
        .where(Slot.campaign_id == edition.id)
        .order_by(SignUp.id)
    )
    return [(row.id, row.created_at, row.county_id) for row in rows]


def _source(tags: Sequence[str], rng: Random) -> str:
    """Return a poster's tag, the first ones more often, or none."""
    if not tags or rng.random() > BY_POSTER:
        return ""
    return rng.choices(tags, weights=range(len(tags), 0, -1))[0]
