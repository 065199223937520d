"""Planting files that nobody has a reason to open.

A decoy is a withdrawn need: it stands in the lists of files, with a grave risk to draw a curious
eye, but waits for nobody's work, and from «withdrawn» no way leads to a pairing. Who looks at
lists and pages cannot tell it from a real one; what makes it a decoy is a row elsewhere.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from children.access.decoys.models import DecoyChild
from children.models import Child
from children.queries import free_alias
from children.rules import AgeBand, Category, Need, NeedState, Risk
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.fences import everything
from places.models import Area
from places.queries import counties

DRAWING = (Category.ORPHAN, Category.DE_FACTO_UNSUPPORTED, Category.IN_DIFFICULTY)
OLDEST_DAYS = 300
_random = secrets.SystemRandom()


def plant(each: int) -> int:
    """Fill up every county's decoys to a number; return how many are new."""
    with everything(), transaction():
        planted = sum(_plant_in(county, each) for county in counties())
        if planted:
            audit.record("decoys_planted", "place", "counties", by=None, reason=str(planted))
    return planted


def _plant_in(county: Area, each: int) -> int:
    villages = _villages(county.id)
    lacking = each - _planted(county.id) if villages else 0
    return sum(_plant_one(_random.choice(villages), county) for _turn in range(max(0, lacking)))


def _villages(county_id: int) -> Sequence[Area]:
    townships = select(Area.id).where(Area.parent_id == county_id)
    with transaction() as session:
        return session.scalars(select(Area).where(Area.parent_id.in_(townships))).all()


def _planted(county_id: int) -> int:
    counted = (
        select(func.count())
        .select_from(DecoyChild)
        .join(Child, Child.id == DecoyChild.child_id)
        .where(Child.county_id == county_id)
    )
    with transaction() as session:
        return session.scalar(counted) or 0


def _plant_one(village: Area, county: Area) -> bool:
    """Write one file like any other, some months old; whether an alias was left for it."""
    reported_at = clock.now() - timedelta(days=_random.randrange(30, OLDEST_DAYS))
    with transaction() as session:
        child_id = insert_once(
            Child,
            uid=ids.uid(),
            alias=free_alias(county.id),
            county_id=county.id,
            township_id=village.parent_id,
            village_id=village.id,
            girl=_random.random() < 0.5,
            age_band=_random.choice([AgeBand.A8_10, AgeBand.A11_13, AgeBand.A14_15]),
            category=_random.choice(DRAWING),
            risk=_random.choice([Risk.HIGH, Risk.MID_HIGH]),
            boarding=False,
            needs=[need.value for need in _random.sample(list(Need), 2)],
            interests="",
            care_hint="",
            state=NeedState.WITHDRAWN,
            reported_at=reported_at,
            sent_back_note="",
            verified_on=(reported_at + timedelta(days=_random.randrange(2, 9))).date(),
            version=_random.randrange(3, 6),
        )
        if child_id is not None:
            session.add(DecoyChild(child_id=child_id, planted_at=clock.now()))
    return child_id is not None
