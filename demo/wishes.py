"""Small wishes of the counties with a sign-in, one in each state that a wish can be in."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from campaigns.rules import CURRENT, HOLD_HOURS
from campaigns.seats.rules import SeatState
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.rules import (
    CODE_LENGTH,
    HERE,
    LETTERS,
    WISH_BRING_DAYS,
    Ages,
    WishState,
)
from campaigns.wishes.telling.services import hashes_of
from core.parameters import value_on
from demo.world import County, Edition, World

THINGS = Path(__file__).parent / "data" / "wishes.json"
COUNTIES = 2
STANDS = (
    SeatState.HELD, SeatState.HELD, SeatState.CONFIRMED, SeatState.CONFIRMED, SeatState.ARRIVED,
    SeatState.ARRIVED, SeatState.COMPLETED, SeatState.ABANDONED,
)  # fmt: skip
"""How the claims of the first wishes stand; those behind them wait."""
STATES = {11: WishState.PROPOSED, 12: WishState.PROPOSED, 13: WishState.RETURNED}


@dataclass(frozen=True, slots=True)
class _Written:
    """A wish that is there already, and the two people of its centre."""

    wish_id: int
    by: tuple[int, int]
    place: int


def wish(world: World) -> None:
    """Add wishes to the current edition, and claims in every state."""
    edition = next((one for one in world.editions if one.stage in CURRENT), None)
    if edition is None:
        return
    codes: set[str] = set()
    for county in world.counties[:COUNTIES]:
        for place, thing in enumerate(json.loads(THINGS.read_text(encoding="utf-8"))):
            written = _wish(world, edition, county, place=place, told=[_code(world, codes), *thing])
            if place < len(STANDS):
                _claim(world, written, STANDS[place])


def _code(world: World, codes: set[str]) -> str:
    while True:
        code = "".join(world.rng.choices(LETTERS, k=CODE_LENGTH))
        if code not in codes:
            codes.add(code)
            return code


def _wish(
    world: World, edition: Edition, county: County, *, place: int, told: list[Any]
) -> _Written:
    code, item, item_en, size, ages, estimate = told
    by = county.coordinators[place % 2], county.coordinators[(place + 1) % 2]
    state = STATES.get(place, WishState.OPEN)
    claimed = place < len(STANDS) and STANDS[place] is not SeatState.ABANDONED
    wish_id = world.bulk.add(
        Wish,
        campaign_id=edition.id,
        centre_id=world.centres[county.id],
        code=code,
        item=item,
        item_en=item_en,
        size=size,
        ages=Ages(ages),
        estimate=estimate,
        capacity=1,
        taken=int(claimed),
        state=state,
        written_by_id=by[0],
        approved_by_id=by[1] if state is WishState.OPEN else None,
        note="请写明尺码" if state is WishState.RETURNED else "",
        created_at=world.past(world.today - timedelta(days=6)),
    )
    return _Written(wish_id, by, place)


def _claim(world: World, wish: _Written, state: SeatState) -> None:
    by_phone = wish.place % 2 == 0
    contact = world.phone() if by_phone else f"d{world.phone()}@example.org"
    hold = timedelta(hours=value_on(HOLD_HOURS, world.today))
    began = world.now - (hold if state is SeatState.ABANDONED else timedelta(hours=20))
    times: dict[str, Any] = {"created_at": began, "expires_at": began + hold}
    if state is SeatState.CONFIRMED or state in HERE:
        times |= _kept(world, began, soon=wish.place % 2 == 0)
    if state in HERE:
        times |= {"arrived_at": world.now - timedelta(hours=5), "arrived_by_id": wish.by[0]}
    if state is SeatState.COMPLETED:
        times |= {"completed_at": world.now - timedelta(hours=1), "completed_by_id": wish.by[1]}
    world.bulk.add(
        WishClaim,
        wish_id=wish.wish_id,
        contact=contact,
        name=world.name(),
        phone=contact if by_phone else None,
        email=None if by_phone else contact,
        party=1,
        state=state,
        **hashes_of(world.bulk.secret(32)),
        **times,
    )


def _kept(world: World, began: datetime, *, soon: bool) -> dict[str, datetime]:
    """Return when a claim was confirmed and until when its wish is kept."""
    days = timedelta(days=value_on(WISH_BRING_DAYS, world.today))
    at = world.now - days + timedelta(days=2) if soon else began + timedelta(hours=1)
    return {"created_at": min(began, at), "confirmed_at": at, "expires_at": at + days}
