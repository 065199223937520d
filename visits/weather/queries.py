"""Days without visits, for whoever coordinates the county."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, false, or_, select

from accounts.rules import Actor, Role
from core import clock
from core.db import AnyRow, db
from core.scopes import scope
from core.zone import CHINA
from places.models import Area
from visits.models import Visit
from visits.weather.models import BadWeather


@scope(BadWeather)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody says for that county whether visits take place."""
    return BadWeather.county_id.in_([one.area_id for one in actor.reaches(Role.COORDINATOR)])


def counties(actor: Actor) -> Sequence[Area]:
    """Return the counties somebody coordinates."""
    ids = [one.area_id for one in actor.reaches(Role.COORDINATOR)]
    return db.session.scalars(select(Area).where(Area.id.in_(ids)).order_by(Area.id)).all()


def stopped() -> ColumnElement[bool]:
    """Return the condition that a visit that has not begun is on a day its county has stopped."""
    days = db.session.execute(
        select(BadWeather.county_id, BadWeather.day).where(BadWeather.day >= clock.today())
    ).all()
    return (Visit.starts_at > clock.now()) & or_(
        false(),
        *(
            and_(
                Visit.county_id == row.county_id,
                Visit.starts_at >= datetime.combine(row.day, time(), CHINA),
                Visit.starts_at < datetime.combine(row.day + timedelta(days=1), time(), CHINA),
            )
            for row in days
        ),
    )


def coming(actor: Actor) -> Sequence[AnyRow]:
    """Return the days that somebody's counties have stopped, from today on."""
    mine = [one.id for one in counties(actor)]
    return db.session.execute(
        select(BadWeather.uid, BadWeather.day, Area.name, Area.name_en)
        .join(Area, Area.id == BadWeather.county_id)
        .where(BadWeather.county_id.in_(mine), BadWeather.day >= clock.today())
        .order_by(BadWeather.day, BadWeather.id)
        .limit(60)
    ).all()
