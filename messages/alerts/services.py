"""Raising an alert in the transaction of what gave rise to it, and looking into it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, update

from accounts.rules import Actor
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.i18n import _
from messages import services as messages
from messages.alerts import queries
from messages.alerts.models import Alert
from messages.alerts.rules import WAITING, AlertKind, AlertState
from messages.services import Notice

TOLD_FOR = timedelta(days=7)


def raise_alert(
    kind: AlertKind,
    *,
    ref: str,
    area_id: int | None,
    about_id: int | None = None,
    already_told: Iterable[int] = (),
) -> str | None:
    """Raise an alert in the caller's transaction; return its uid, None if it stands already.

    Once a day for the same thing and the same person, until it is closed. A caller that refuses
    the deed has to let this transaction end well: an exception would take the alert back.
    """
    with transaction():
        now, uid, place = clock.now(), ids.uid(), queries.area_of_alert(area_id)
        made = insert_once(
            Alert,
            uid=uid,
            key=f"{kind.value}/{ref}/{about_id or ''}/{clock.today()}",
            kind=kind,
            ref=ref,
            area_id=place,
            about_id=about_id,
            at=now,
            state=AlertState.OPEN,
            proposal="",
            result="",
        )
        if made is None:
            return None
        audit.record("alert_raised", "alert", uid, by=None, reason=kind.value)
        people = queries.handlers(place, besides=(about_id, *already_told))
        messages.plan([_notice(uid, person_id, now) for person_id in people])
        return uid


def _notice(uid: str, person_id: int, now: datetime) -> Notice:
    return Notice(
        kind="alert_raised",
        key=f"alert/{uid}/{person_id}",
        params={"uid": uid},
        due_at=now,
        expire_at=now + TOLD_FOR,
        person_id=person_id,
        urgent=True,
    )


def acknowledge(uid: str, *, by: Actor) -> None:
    """Say that one looks after it. Raises NotYours, RuleBroken."""
    _change(
        uid,
        "alert_acknowledged",
        [Alert.state == AlertState.OPEN],
        by=by,
        state=AlertState.ACKNOWLEDGED,
        acknowledged_by_id=by.id,
        acknowledged_at=clock.now(),
    )


def close(uid: str, result: str, *, by: Actor) -> None:
    """Close an alert that has been dealt with, with what came of it. Raises NotYours, RuleBroken.

    One that somebody holds to be a false alarm is decided on as such first.
    """
    still = [Alert.state.in_(WAITING), Alert.proposed_by_id.is_(None)]
    _change(uid, "alert_closed", still, by=by, result=result, **_closed(AlertState.CLOSED, by))


def propose_false_alarm(uid: str, reason: str, *, by: Actor) -> None:
    """Say why it was nothing; somebody else has to agree. Raises NotYours, RuleBroken."""
    _change(
        uid,
        "false_alarm_proposed",
        [Alert.state.in_(WAITING), Alert.proposed_by_id.is_(None)],
        by=by,
        proposed_by_id=by.id,
        proposed_at=clock.now(),
        proposal=reason,
    )


def confirm_false_alarm(uid: str, *, by: Actor) -> None:
    """Agree with somebody else that it was nothing. Raises NotYours, RuleBroken."""
    _refuse_oneself(uid, by)
    proposed = [Alert.state.in_(WAITING), Alert.proposed_by_id != by.id]
    _change(uid, "false_alarm_confirmed", proposed, by=by, **_closed(AlertState.FALSE_ALARM, by))


def decline_false_alarm(uid: str, *, by: Actor) -> None:
    """Hold it to be something after all: the alert waits on. Raises NotYours, RuleBroken."""
    _refuse_oneself(uid, by)
    proposed = [Alert.state.in_(WAITING), Alert.proposed_by_id != by.id]
    none = {"proposed_by_id": None, "proposed_at": None, "proposal": ""}
    _change(uid, "false_alarm_declined", proposed, by=by, **none)


def _refuse_oneself(uid: str, by: Actor) -> None:
    with transaction():
        if queries.alert(uid, by).proposed_by_id == by.id:
            raise RuleBroken(_("误报是您自己提出的，要由另一个人确认"))


def _closed(state: AlertState, by: Actor) -> dict[str, Any]:
    freed = Alert.key + "/" + cast(Alert.id, String)
    return {"state": state, "closed_by_id": by.id, "closed_at": clock.now(), "key": freed}


def _change(
    uid: str, deed: str, still: Iterable[ColumnElement[bool]], *, by: Actor, **values: Any
) -> None:
    """Change an alert that is this person's to look at, as long as it is still as it was."""
    with transaction() as session:
        found = queries.alert(uid, by)
        changed = session.scalar(
            update(Alert).where(Alert.id == found.id, *still).values(**values).returning(Alert.id)
        )
        if changed is None:
            raise RuleBroken(_("这条提醒刚刚有变动，请先看最新的情况"))
        fields = [name for name in values if name != "key"]
        audit.record(deed, "alert", uid, by=by.id, fields=fields)
