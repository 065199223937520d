"""What families and children said to a pairing, so that every answer can be seen."""

from datetime import date, timedelta
from functools import cache

from children.consents.models import Consent
from children.consents.rules import months_later
from children.consents.texts.queries import original
from children.rules import (
    NEEDED_FOR_PAIRING,
    Category,
    ConsentProof,
    ConsentState,
    NeedState,
    Purpose,
    Signer,
)
from demo.world import Kid, World

GIVEN, REQUESTED, REFUSED, EXPIRED, WITHDRAWN = (
    *("given", "requested", "refused", "expired", "withdrawn"),
)
SHARES = {GIVEN: 78.0, REQUESTED: 9.0, REFUSED: 6.0, EXPIRED: 4.0, WITHDRAWN: 3.0}
"""domain.md §7."""
FIRST = [GIVEN, REQUESTED, GIVEN, REFUSED, EXPIRED, WITHDRAWN]
"""The answers of the first families, so that each can be seen however small it all is."""
ASKED = frozenset({NeedState.OPEN, NeedState.VERIFIED, NeedState.MET})
MONTHS = 12
VERSION = "2026-1"
RENEWED_AFTER = timedelta(days=350)
PHOTO = 0.1


def ask(world: World, kid: Kid, answers: list[str]) -> date:
    """Add what was said about a child, yes throughout for one that has been paired.

    `answers` are used up before the dice decide. Return the day of the first answer, today if
    there is none.
    """
    days = [world.today]
    if kid.agreed is not None:
        days += [_paired(world, kid, purpose) for purpose in NEEDED_FOR_PAIRING]
    elif kid.state in ASKED:
        days += _asked(world, kid, answers)
    if kid.state is NeedState.MATCHED and world.chance(PHOTO):
        state = world.rng.choice((ConsentState.GIVEN, ConsentState.REFUSED))
        _answer(
            world, kid, Purpose.PHOTO, number=1, state=state, day=world.today - timedelta(days=10)
        )
    return min(days)


def _paired(world: World, kid: Kid, purpose: Purpose) -> date:
    """Add a yes that was renewed in time, and its end when the family took it back."""
    first, until = kid.agreed or (world.today, world.today)
    day, number = first, 1
    _answer(world, kid, purpose, number=number, state=ConsentState.GIVEN, day=day)
    while day + RENEWED_AFTER <= until:
        day += RENEWED_AFTER
        number += 1
        _answer(world, kid, purpose, number=number, state=ConsentState.GIVEN, day=day)
    if kid.withdrawn_on and purpose is Purpose.PAIRING:
        _answer(
            world,
            kid,
            purpose,
            number=number + 1,
            state=ConsentState.WITHDRAWN,
            day=kid.withdrawn_on,
        )
    return first


def _asked(world: World, kid: Kid, answers: list[str]) -> list[date]:
    """Add answers of which one purpose may stand against a pairing."""
    share = answers.pop(0) if answers else world.weighted(SHARES)
    odd = world.rng.choice(NEEDED_FOR_PAIRING)
    day = max(kid.reported_on, world.today - timedelta(days=300))
    day += timedelta(days=world.rng.randint(0, max(0, (world.today - day).days)))
    long_ago = world.today - timedelta(days=366 + world.rng.randint(5, 90))
    for purpose in NEEDED_FOR_PAIRING:
        if purpose is odd and share == EXPIRED:
            _answer(world, kid, purpose, number=1, state=ConsentState.GIVEN, day=long_ago)
        elif purpose is odd and share == WITHDRAWN:
            _answer(world, kid, purpose, number=1, state=ConsentState.GIVEN, day=day)
            _answer(world, kid, purpose, number=2, state=ConsentState.WITHDRAWN, day=world.today)
        elif purpose is odd and share != GIVEN:
            _answer(world, kid, purpose, number=1, state=ConsentState(share), day=day)
        else:
            _answer(world, kid, purpose, number=1, state=ConsentState.GIVEN, day=day)
    return [long_ago if share == EXPIRED else day]


def agree(world: World, kid: Kid, purpose: Purpose) -> None:
    """Add a yes of ten days ago to something beyond a pairing that was never asked about."""
    day = world.today - timedelta(days=10)
    _answer(world, kid, purpose, number=1, state=ConsentState.GIVEN, day=day)


@cache
def _digest(purpose: Purpose) -> str:
    shown = original(VERSION, purpose)
    return shown.digest if shown else ""


def _answer(
    world: World, kid: Kid, purpose: Purpose, *, number: int, state: ConsentState, day: date
) -> None:
    yes = state is ConsentState.GIVEN
    answered = state in {ConsentState.GIVEN, ConsentState.REFUSED}
    day = min(day, world.today)
    world.bulk.add(
        Consent,
        child_id=kid.id,
        purpose=purpose,
        number=number,
        state=state,
        text_version=VERSION,
        text_digest=_digest(purpose),
        signer=_signer(world, kid, purpose) if answered else None,
        proof=_proof(world, kid, purpose) if yes else None,
        proof_reference=f"样例同意书{world.rng.randint(1, 9999):04}" if yes else "",
        dated=day,
        valid_until=months_later(day, MONTHS) if yes else None,
        entered_by_id=kid.village.director,
        entered_at=world.past(day),
    )


def _signer(world: World, kid: Kid, purpose: Purpose) -> Signer:
    if purpose is Purpose.ASSENT:
        return Signer.CHILD
    if kid.category is Category.ORPHAN:
        return Signer.OTHER_GUARDIAN
    return world.rng.choice((Signer.MOTHER, Signer.FATHER))


def _proof(world: World, kid: Kid, purpose: Purpose) -> ConsentProof:
    if purpose is Purpose.ASSENT:
        return ConsentProof.PAPER if kid.band.signs_too else ConsentProof.ASKED_IN_PERSON
    return world.rng.choice((ConsentProof.PAPER, ConsentProof.WITNESSED_CALL))
