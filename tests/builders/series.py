"""Series for tests: every Saturday at ten at the station, unless a test says otherwise."""

from dataclasses import replace
from datetime import date, time
from typing import Any

from pairings.models import Pairing
from tests.builders.visits import an_escort, members_of
from tests.factories import saved
from visits.lapses.ladder.models import LapseStep
from visits.lapses.ladder.rules import Step
from visits.rules import PlaceKind
from visits.series.models import Occurrence, Series
from visits.series.rules import HolidayPolicy, Outcome, Rhythm
from visits.series.services import Wish

FIRST = date(2026, 11, 28)


def a_wish(escort_id: int, **given: Any) -> Wish:
    wish = Wish(
        rhythm=Rhythm.WEEKLY,
        first=FIRST,
        start=time(10),
        minutes=90,
        policy=HolidayPolicy.SKIP,
        place_kind=PlaceKind.STATION,
        place_text="工作站二楼",
        escort_id=escort_id,
    )
    return replace(wish, **given)


def a_series(pairing: Pairing, *, escort_id: int | None = None, **given: Any) -> Series:
    """Return a series that has not been planned ahead."""
    fields = {
        "pairing_id": pairing.id,
        "county_id": pairing.county_id,
        "township_id": pairing.township_id,
        "village_id": pairing.village_id,
        "rule": "FREQ=WEEKLY;BYDAY=SA",
        "first_on": FIRST,
        "local_start": time(10),
        "minutes": 90,
        "zone": "Asia/Shanghai",
        "policy": HolidayPolicy.SKIP,
        "place_kind": PlaceKind.STATION,
        "place_text": "未保工作站二楼活动室",
        "escort_id": escort_id or an_escort(pairing),
        "made_by_id": members_of(pairing)[0][0],
    }
    return saved(Series(**fields | given))


def an_occurrence(series: Series, **given: Any) -> Occurrence:
    fields = {"key": "2026-11-28T10:00", "outcome": Outcome.REFUSED, "reasons": ["too_often"]}
    return saved(Occurrence(series_id=series.id, **fields | given))


def a_lapse_step(pairing: Pairing, **given: Any) -> LapseStep:
    fields = {"step": Step.REMIND, "window_on": FIRST, "taken_on": FIRST}
    return saved(LapseStep(pairing_id=pairing.id, **fields | given))
