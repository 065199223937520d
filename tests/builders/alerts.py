"""Alerts for tests: raised as the site raises them."""

from typing import Any

from sqlalchemy import select

from core.db import db
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert
from tests.factories import a_number


def an_alert(area_id: int | None, kind: AlertKind = AlertKind.DECOY_OPENED, **given: Any) -> Alert:
    uid = raise_alert(kind, **{"ref": f"ref{a_number()}", "area_id": area_id} | given)
    return db.session.scalars(select(Alert).where(Alert.uid == uid)).one()
