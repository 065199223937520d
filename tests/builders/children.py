"""Children's files and consents for tests; what no volunteer may read carries the canary."""

from datetime import timedelta
from typing import Any

from children.consents.models import Consent
from children.models import Child, ChildFreeTime
from children.rules import (
    NEEDED_FOR_PAIRING,
    AgeBand,
    Category,
    ConsentProof,
    ConsentState,
    NeedState,
    Purpose,
    Risk,
    Signer,
)
from core import clock
from core.db import transaction
from places.models import Area
from places.queries import spot_of
from tests.builders.places import a_village
from tests.factories import CANARY, a_number, saved

VALID = timedelta(days=300)
UNOPENED = frozenset({NeedState.REPORTED, NeedState.VERIFIED})


def a_child(village: Area | None = None, **given: Any) -> Child:
    """Return a girl whose need is open since ten days, free on Saturdays from 9 to 18."""
    spot = spot_of((village or a_village()).id)
    number, today = a_number(), clock.today()
    state = given.get("state", NeedState.OPEN)
    fields = {
        "alias": f"小禾{number:02}",
        "girl": True,
        "age_band": AgeBand.A8_10,
        "category": Category.LEFT_BEHIND,
        "risk": Risk.MID_LOW,
        "needs": ["homework", "company"],
        "interests": "画画",
        "care_hint": "不吃花生",
        "state": state,
        "open_since": None if state in UNOPENED else today - timedelta(days=10),
        "county_id": spot.county_id,
        "township_id": spot.township_id,
        "village_id": spot.village_id,
    }
    child = saved(Child(**fields | given))
    a_childs_free_time(child)
    return child


def a_childs_free_time(child: Child, **given: Any) -> ChildFreeTime:
    fields = {
        "child_id": child.id,
        "weekday": 5,
        "start_minute": 9 * 60,
        "end_minute": 18 * 60,
    }
    return saved(ChildFreeTime(**fields | given))


def a_consent(child: Child, purpose: Purpose, **given: Any) -> Consent:
    """Return a consent of ten days ago that holds for most of a year."""
    assent = purpose is Purpose.ASSENT
    dated = given.get("dated", clock.today() - timedelta(days=10))
    fields = {
        "child_id": child.id,
        "purpose": purpose,
        "number": 1,
        "state": ConsentState.GIVEN,
        "text_version": "2026-1",
        "signer": Signer.CHILD if assent else Signer.MOTHER,
        "proof": ConsentProof.PAPER,
        "proof_reference": f"{CANARY}-{a_number()}",
        "dated": dated,
        "valid_until": dated + VALID,
    }
    return saved(Consent(**fields | given))


def consented(child: Child, *, but: Purpose | None = None) -> Child:
    """Give the child every consent a pairing needs, but one if named."""
    with transaction():
        for purpose in NEEDED_FOR_PAIRING:
            if purpose is not but:
                a_consent(child, purpose)
    return child


def a_consented_child(village: Area | None = None, **given: Any) -> Child:
    """Return a child that may be paired today."""
    return consented(a_child(village, **given))
