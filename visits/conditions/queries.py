"""Reading what else has to hold for a pairing on a day."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from core.db import db
from core.parameters import values_on
from core.zone import CHINA
from pairings.models import Pairing
from places.models import Organisation
from places.rules import OrgKind
from visits.conditions.rules import Conditions
from visits.contracts.queries import terms_of
from visits.limits.rules import Limits
from visits.models import Party, Visit
from visits.rules import OPEN, TOOK_PLACE, PartyRole
from visits.weather.models import BadWeather

MONTH = timedelta(days=30)


def conditions(pairing: Pairing, day: date, limits: Limits, *, moved: int = 0) -> Conditions:
    """Return what holds for a visit of a pairing on a day, beside its hours and its people."""
    values, (terms, _own) = values_on(day), terms_of(pairing, day)
    return Conditions(
        exams=limits.in_exams(day),
        bad_weather=_bad_weather(pairing.county_id, day),
        places=terms.places,
        better_place=_has_station(pairing.township_id),
        first=terms.first,
        done=_done_before(pairing.id, day, moved),
        met=_met(pairing.child_id, day, int(values["visits.faces_months"])),
        most_faces=int(values["visits.most_faces"]),
    )


def _bad_weather(county_id: int, day: date) -> bool:
    said = select(BadWeather.id).where(BadWeather.county_id == county_id, BadWeather.day == day)
    return db.session.scalar(said) is not None


def _has_station(township_id: int | None) -> bool:
    station = select(Organisation.id).where(
        Organisation.kind == OrgKind.STATION, Organisation.area_id == township_id
    )
    return db.session.scalar(station.limit(1)) is not None


def _done_before(pairing_id: int, day: date, moved: int) -> int:
    midnight = datetime.combine(day, time(), CHINA)
    counted = select(func.count(Visit.id)).where(
        Visit.pairing_id == pairing_id,
        Visit.id != moved,
        Visit.state.in_(TOOK_PLACE | OPEN),
        Visit.starts_at < midnight,
    )
    return db.session.scalar(counted) or 0


def _met(child_id: int, day: date, months: int) -> frozenset[int]:
    """Return the volunteers who have been with a child in those months, or are about to be."""
    since = datetime.combine(day, time(), CHINA) - months * MONTH
    met = db.session.scalars(
        select(Party.person_id)
        .join(Visit, Visit.id == Party.visit_id)
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .where(
            Pairing.child_id == child_id,
            Party.role == PartyRole.MEMBER,
            Visit.state.in_(TOOK_PLACE | OPEN),
            Visit.starts_at >= since,
        )
        .distinct()
    )
    return frozenset(met)
