"""Stopping the visits of a day in a county, and letting a day go again."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select

from accounts.rules import Actor
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.scopes import find
from core.zone import CHINA
from pairings.models import Pairing
from visits.models import Visit
from visits.rules import AHEAD, CancelReason
from visits.services import call_off
from visits.weather import queries
from visits.weather.models import BadWeather


def stop(county_id: int, day: date, *, by: Actor) -> int:
    """Say that nobody sets out that day; return how many visits were called off for it.

    Raises NotYours, RuleBroken. What has begun goes on: whoever is there is safer there.
    """
    if county_id not in {one.id for one in queries.counties(by)}:
        raise NotYours
    if day < clock.today():
        raise RuleBroken(_("这一天已经过去"))
    with transaction() as session:
        insert_once(BadWeather, county_id=county_id, day=day, said_by_id=by.id, said_at=clock.now())
        audit.record("stop_visits", "county", county_id, by=by.id, reason=day.isoformat())
        start = datetime.combine(day, time(), CHINA)
        visits = session.scalars(
            select(Visit)
            .join(Pairing, Pairing.id == Visit.pairing_id)
            .where(
                Visit.county_id == county_id,
                Visit.state.in_(AHEAD),
                Visit.starts_at >= max(start, clock.now()),
                Visit.starts_at < start + timedelta(days=1),
            )
            .order_by(Visit.id)
            .with_for_update(of=(Pairing, Visit))
        ).all()
        return sum(call_off(one, CancelReason.WEATHER, by=by, among=AHEAD) for one in visits)


def let_go(uid: str, *, by: Actor) -> None:
    """Say that visits may take place that day after all; what was called off stays so."""
    with transaction() as session:
        found = find(BadWeather, uid, by)
        audit.record(
            "allow_visits", "county", found.county_id, by=by.id, reason=found.day.isoformat()
        )
        session.execute(delete(BadWeather).where(BadWeather.id == found.id))
