"""Reading one's own medals: worked out of the hours on record, kept nowhere, for nobody else."""

from datetime import date

from sqlalchemy import func, select

from core.db import db
from core.parameters import ParameterValue
from volunteers.hours.models import HourEntry
from volunteers.medals.rules import Medal, earned

STEPS_NAME = "volunteers.medal_hours"
STEPS = (50, 100, 300, 600, 1000, 1500)


def own(volunteer_id: int, today: date) -> list[Medal]:
    """Return what a volunteer has reached, the most hours first, in two queries."""
    served = db.session.execute(
        select(HourEntry.served_on, func.sum(HourEntry.minutes))
        .where(HourEntry.volunteer_id == volunteer_id)
        .group_by(HourEntry.served_on)
        .order_by(HourEntry.served_on)
    ).all()
    if not served:
        return []
    lists = db.session.execute(
        select(ParameterValue.effective_from, ParameterValue.value).where(
            ParameterValue.name == STEPS_NAME, ParameterValue.effective_from <= today
        )
    ).all()
    steps = {since: value["value"] for since, value in lists}
    return earned(((day, int(minutes)) for day, minutes in served), steps, STEPS, today)
