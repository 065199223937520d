"""The terms that hold for a pairing, and the window of its next visit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import func, select

from core import clock
from core.db import db
from core.parameters import values_on
from core.zone import CHINA
from pairings.models import Pairing
from pairings.rules import Stage
from pairings.steps.models import PairingStep
from places.days.queries import between
from visits import queries
from visits.contracts.models import Contract
from visits.contracts.rules import Terms, Window, windows
from visits.limits.queries import limits_on
from visits.models import Visit
from visits.planning.rules import Visited, open_hours
from visits.rules import TOOK_PLACE, PlaceKind

AHEAD = 3
LOOKED_AHEAD = 430
RESUMED_FROM = (Stage.PAUSED, Stage.ENDING)


def preset(risk: str, on: date) -> Terms:
    """Return the terms a child's grade presets on a day."""
    values = values_on(on)
    every = int(values[f"visits.every_days_{risk}"])
    return Terms(
        every=every,
        window=min(int(values["visits.window_days"]), every - 1),
        places=frozenset(PlaceKind),
        first=int(values["visits.first_accompanied"]),
        grace=int(values["visits.grace_percent"]),
    )


def terms_of(pairing: Pairing, on: date) -> tuple[Terms, bool]:
    """Return the terms of a pairing, and whether they were agreed for it alone."""
    usual = preset(queries.risk_of(pairing.child_id).value, on)
    own = db.session.get(Contract, pairing.id)
    if own is None:
        return usual, False
    places = frozenset(PlaceKind(one) for one in own.places)
    terms = Terms(own.every_days, own.window_days, places, own.first_accompanied, usual.grace)
    return terms, True


def last_visit(pairing: Pairing) -> date:
    """Return the day from which the next window is counted.

    The last visit that took place; when the pairing has gone on after a pause since, that day.
    """
    seen = db.session.scalar(
        select(func.max(Visit.starts_at)).where(
            Visit.pairing_id == pairing.id, Visit.state.in_(TOOK_PLACE)
        )
    )
    resumed = db.session.scalar(
        select(func.max(PairingStep.at)).where(
            PairingStep.pairing_id == pairing.id,
            PairingStep.stage == Stage.ACTIVE,
            PairingStep.since.in_(RESUMED_FROM),
        )
    )
    days = [one.astimezone(CHINA).date() for one in (seen, resumed) if one is not None]
    return max([*days, pairing.introduced_on or pairing.starts_on])


def fitting(child: Visited, first: date, last: date, *, county_id: int) -> Callable[[date], bool]:
    """Return whether a visit can be due on a day: on a weekend, with hours open, no exams."""
    special = between(first, last)
    limits = limits_on(clock.today(), county_id)

    def fits(day: date) -> bool:
        kind = special[day].kind if day in special else None
        open_then = isinstance(open_hours(day, child, kind, limits), tuple)
        return day.weekday() >= 5 and open_then and not (child.school_age and limits.in_exams(day))

    return fits


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pairing stands to what was agreed."""

    terms: Terms
    own: bool
    last: date
    windows: tuple[Window, ...]

    @property
    def next(self) -> Window:
        return self.windows[0]


def standing(pairing: Pairing, *, many: int = AHEAD) -> Standing:
    """Return the terms of a pairing, its last visit and the windows to come."""
    terms, own = terms_of(pairing, clock.today())
    last = last_visit(pairing)
    child = queries.visited(pairing.child_id)
    until = last + timedelta(days=LOOKED_AHEAD)
    fits = fitting(child, last, until, county_id=pairing.county_id)
    return Standing(terms, own, last, tuple(islice(windows(terms, last, fits), many)))
