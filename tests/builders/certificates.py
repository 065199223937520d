"""Certificates, batches of them and the keys behind them for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from accounts.rules import Actor
from core import clock
from core.db import db
from tests.builders.volunteers import an_hour_entry
from tests.factories import saved
from volunteers.certificates import services
from volunteers.certificates.batches.models import CertificateBatch
from volunteers.certificates.models import Certificate
from volunteers.certificates.rules import Period, State
from volunteers.models import Volunteer


def this_month() -> Period:
    return Period(clock.today() - timedelta(days=30), clock.today())


def a_certificate(volunteer: Volunteer, **given: Any) -> Certificate:
    """Return an issued certificate of somebody who served ninety minutes yesterday."""
    volunteer_id, by = volunteer.id, given.pop("by", Actor(None, "样例经办"))
    an_hour_entry(volunteer, minutes=90, served_on=clock.today() - timedelta(days=1))
    services.give(volunteer_id, this_month(), by=by, **given)
    return db.session.scalars(
        select(Certificate)
        .where(Certificate.volunteer_id == volunteer_id, Certificate.state == State.ISSUED)
        .order_by(Certificate.id.desc())
        .limit(1)
    ).one()


def an_asked_certificate(volunteer: Volunteer, **given: Any) -> Certificate:
    period = this_month()
    fields = {
        "volunteer_id": volunteer.id,
        "county_id": volunteer.county_id,
        "state": State.REQUESTED,
        "from_on": period.first,
        "until_on": period.last,
    }
    return saved(Certificate(**fields | given))


def a_batch(county_id: int, by_id: int, **given: Any) -> CertificateBatch:
    period = this_month()
    fields = {
        "county_id": county_id,
        "from_on": period.first,
        "until_on": period.last,
        "total": 1,
        "asked_by_id": by_id,
    }
    return saved(CertificateBatch(**fields | given))
