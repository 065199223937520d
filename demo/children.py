"""Children's files: an alias, an age band, a village and what is needed; nobody real."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from children.access.decoys.models import DecoyChild
from children.models import Child, ChildFreeTime
from children.rules import WORDS, AgeBand, Category, Need, NeedState, Risk
from demo.consents import FIRST, ask
from demo.names import CARE_HINTS, INTERESTS
from demo.staff import trace
from demo.world import County, Kid, World, shared_out
from volunteers.rules import Slot

NUMBERS = Path(__file__).parent / "data" / "children.csv"
COLUMNS = {
    "left_behind_sample": Category.LEFT_BEHIND,
    "other_sample": Category.IN_DIFFICULTY,
    "orphans": Category.ORPHAN,
    "de_facto_unsupported": Category.DE_FACTO_UNSUPPORTED,
}
BOYS = 0.545
NO_NEED = 0.1
AGES = {
    Category.ORPHAN: (0.0, 3.0, 2.0, 3.0, 3.0, 2.0, 2.0),
    Category.DE_FACTO_UNSUPPORTED: (2.5, 11.5, 14.0, 21.0, 20.0, 18.0, 13.0),
    Category.LEFT_BEHIND: (4.0, 17.7, 17.0, 25.4, 25.0, 8.0, 2.9),
    Category.IN_DIFFICULTY: (4.0, 17.7, 17.0, 25.4, 25.0, 8.0, 2.9),
}
"""Shares of the age bands (domain.md §7), the youngest first."""
RISKS = {Risk.HIGH: 2.0, Risk.MID_HIGH: 8.0, Risk.MID_LOW: 30.0, Risk.LOW: 60.0}
BOARDERS = {AgeBand.A11_13: 0.35, AgeBand.A14_15: 0.35, AgeBand.A16_17: 0.3}
UNMATCHED = {
    NeedState.OPEN: 26.0,
    NeedState.VERIFIED: 6.0,
    NeedState.REPORTED: 5.0,
    NeedState.MET: 54.0,
    NeedState.WITHDRAWN: 4.0,
    NeedState.AGED_OUT: 5.0,
}
OF_THE_STORY = (
    *(NeedState.REPORTED, NeedState.REPORTED, NeedState.VERIFIED, NeedState.VERIFIED),
    *(NeedState.OPEN, NeedState.OPEN, NeedState.OPEN),
)
"""What the children of the sign-ins' village are, so that nobody's desk there is empty."""
IN_THE_STORY = 9
DECOYS = 2
SENT_BACK = "请补充孩子周末在不在家"
MORNING, AFTERNOON = (9 * 60, 11 * 60 + 30), (13 * 60 + 30, 16 * 60)
AFTER_SCHOOL = (16 * 60 + 30, 18 * 60)


def list_children(world: World) -> None:
    """Take the children of every county; their files follow when it is known who is paired."""
    with NUMBERS.open(encoding="utf-8") as file:
        rows = {row["nbs_code"]: row for row in csv.DictReader(file)}
    cells = [
        (county, category, float(rows[county.code][column]) if county.code in rows else 10.0)
        for county in world.counties
        for column, category in COLUMNS.items()
    ]
    shares = shared_out(world.size.children, [cell[2] for cell in cells])
    for (county, category, _weight), share in zip(cells, shares, strict=True):
        for _each in range(share):
            _list(world, county, category)


def _list(world: World, county: County, category: Category) -> None:
    kids, rng = world.kids[county.id], world.rng
    if len(kids) == len(WORDS) * 100:  # no alias is left
        return
    story = county is world.counties[0] and len(kids) < IN_THE_STORY
    band = rng.choices(list(AgeBand), AGES[category])[0]
    if story:  # too young for school: may be visited on any day
        band = AgeBand.A3_5
    boarding = world.chance(BOARDERS.get(band, 0.0))
    some = rng.sample(list(Need), rng.randint(1, 3))
    kids.append(
        Kid(
            id=world.bulk.reserve(Child),
            uid=world.bulk.secret(16),
            village=county.villages[0] if story else rng.choice(county.villages[1:]),
            county=county,
            girl=not world.chance(BOYS),
            band=band,
            category=category,
            risk=Risk.LOW if story else world.weighted(RISKS),
            boarding=boarding,
            needs=[] if not story and world.chance(NO_NEED) else sorted(some),
            free=_free(world, boarding=boarding),
            reported_on=world.today - timedelta(days=rng.randint(3, 400)),
        )
    )


def _free(world: World, *, boarding: bool) -> list[Slot]:
    weekend = [(day, *hours) for day in (5, 6) for hours in (MORNING, AFTERNOON)]
    found = world.rng.sample(weekend, world.rng.randint(3, 4))
    if not boarding and world.chance(0.4):
        found.append((world.rng.randrange(5), *AFTER_SCHOOL))
    return [Slot(*stretch) for stretch in sorted(found)]


def write_files(world: World) -> None:
    """Add every child's file, with what the family said."""
    answers = list(FIRST)
    for county in world.counties:
        aliases = [f"小{word}{number:02}" for word in WORDS for number in range(100)]
        world.rng.shuffle(aliases)
        states = list(OF_THE_STORY) if county is world.counties[0] else []
        for kid, alias in zip(world.kids[county.id], aliases, strict=False):
            if kid.state is None:
                kid.state = states.pop(0) if states else _state(world, kid)
            kid.reported_on = min(kid.reported_on, ask(world, kid, answers))
            _write(world, kid, alias)


def _state(world: World, kid: Kid) -> NeedState:
    if not kid.needs:
        return NeedState.MET
    state = world.weighted(UNMATCHED)
    grown = kid.band is AgeBand.A16_17
    return NeedState.OPEN if state is NeedState.AGED_OUT and not grown else state


def _write(world: World, kid: Kid, alias: str) -> None:
    rng, village = world.rng, kid.village
    world.bulk.add(
        Child,
        id=kid.id,
        uid=kid.uid,
        alias=alias,
        county_id=village.county_id,
        township_id=village.township_id,
        village_id=village.id,
        girl=kid.girl,
        age_band=kid.band,
        category=kid.category,
        risk=kid.risk,
        boarding=kid.boarding,
        needs=[need.value for need in kid.needs],
        interests="、".join(rng.sample(INTERESTS, rng.randint(1, 3))),
        care_hint=rng.choice(CARE_HINTS),
        state=kid.state,
        reported_by_id=village.director,
        **_progress(world, kid),
    )
    for slot in kid.free:
        world.bulk.add(
            ChildFreeTime,
            child_id=kid.id,
            weekday=slot.weekday,
            start_minute=slot.start,
            end_minute=slot.end,
        )


def _progress(world: World, kid: Kid) -> dict[str, Any]:
    """Return when a child was reported, verified and opened, as far as it has come."""
    rng = world.rng
    if kid.state is NeedState.REPORTED:
        reported = world.today - timedelta(days=rng.randint(0, 9))
        note = SENT_BACK if world.chance(0.2) else ""
        return {"reported_at": world.past(reported), "sent_back_note": note}
    verified = min(kid.reported_on + timedelta(days=rng.randint(2, 9)), world.today)
    return {
        "reported_at": world.past(kid.reported_on),
        "verified_by_id": kid.village.supervisor,
        "verified_on": verified,
        "open_since": _open_since(world, kid, verified),
    }


def _open_since(world: World, kid: Kid, verified: date) -> date | None:
    """Return since when a child waits: after a pairing has ended, since then."""
    if kid.state is NeedState.VERIFIED:
        return None
    since = verified + timedelta(days=world.rng.randint(1, 8))
    if kid.state is NeedState.OPEN and kid.agreed and kid.agreed[1] < world.today:
        since = kid.agreed[1]
    elif kid.state is NeedState.OPEN:
        since = max(since, world.today - timedelta(days=world.rng.randint(3, 130)))
    return min(since, world.today)


def plant(world: World) -> None:
    """Add a file that nobody has a reason to open to each of two counties: it looks like any."""
    for county in world.counties[:DECOYS]:
        of_county = select(Child.alias).where(Child.county_id == county.id)
        taken = set(world.session.scalars(of_county))
        aliases = (f"小{word}{number:02}" for word in WORDS for number in range(100))
        kid = Kid(
            id=world.bulk.reserve(Child),
            uid=world.bulk.secret(16),
            village=world.rng.choice(county.villages[1:]),
            county=county,
            girl=world.chance(0.5),
            band=AgeBand.A11_13,
            category=Category.ORPHAN,
            risk=Risk.HIGH,
            boarding=False,
            needs=[Need.COMPANY, Need.READING],
            free=_free(world, boarding=False),
            reported_on=world.today - timedelta(days=world.rng.randint(60, 300)),
            state=NeedState.WITHDRAWN,
        )
        _write(world, kid, world.rng.choice([one for one in aliases if one not in taken]))
        world.bulk.flush()
        world.session.add(DecoyChild(child_id=kid.id, planted_at=world.now))
    trace(world, "decoys_planted", "place", "counties", by="admin", reason=str(DECOYS))
