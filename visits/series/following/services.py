"""Ending or changing what follows in a series from a visit on."""

from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import select, update

from accounts.rules import Actor
from core import audit, clock
from core.db import attempt, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from pairings.intro.services import hold
from pairings.models import Pairing
from visits import queries as visit_queries
from visits.models import Visit
from visits.rules import AHEAD, CancelReason
from visits.series import queries
from visits.series.models import Occurrence, Series
from visits.series.rules import Outcome
from visits.series.services import Wish, begin, changed, drawn
from visits.services import call_off


def cancel_following(visit_uid: str, reason: CancelReason, *, by: Actor) -> int:
    """End a visit's series from that visit on; return how many were called off. Raises NotYours."""
    with transaction():
        series, visit = _of(visit_uid, by)
        return _close(series, visit, reason, by=by)


def move_following(visit_uid: str, wish: Wish, *, by: Actor) -> str:
    """Begin the series anew from a visit on, in place of what was; return its uid.

    Nothing changes when not one of the new days can be planned. Raises NotYours, RuleBroken.
    """
    with transaction():
        pairing = _cleared(visit_uid, by)
        if wish.first < clock.today():
            raise RuleBroken(_("不能改到已经过去的日子"))
        uid = begin(pairing.uid, wish, by=by)
        begun, _may = queries.seen(uid, by)
        against = queries.against_all(begun)
        if against is not None:
            raise RuleBroken(_("这样改一天也排不上，所以什么都没有改"), *against)
        return uid


class _OnlyLooked(Exception):
    """Whatever was done to look at it is undone."""


def look_at_move(visit_uid: str, wish: Wish, *, by: Actor) -> list[queries.Preview]:
    """Return the days that moving a series would come to; nothing of it stays.

    What would be called off is called off to look: else each day would be too near the one it
    takes the place of. Raises NotYours, RuleBroken.
    """
    found: list[queries.Preview] = []
    with suppress(_OnlyLooked), transaction(), attempt():
        pairing = _cleared(visit_uid, by)
        found = queries.preview(drawn(pairing, wish, by=by), pairing)
        raise _OnlyLooked
    return found


def _cleared(visit_uid: str, by: Actor) -> Pairing:
    """Call a visit and all that follow it off for others in their place; return the pairing."""
    with transaction() as session:
        series, visit = _of(visit_uid, by)
        pairing = session.get_one(Pairing, series.pairing_id)
        _close(series, visit, CancelReason.SERIES_MOVED, by=by)
        return pairing


def _of(visit_uid: str, by: Actor) -> tuple[Series, Visit]:
    """Return the series a visit belongs to, and the visit. Raises NotYours, RuleBroken."""
    seen = visit_queries.seen(visit_uid, by)
    found = queries.of_visit(seen.visit.id)
    if found is None or not seen.plans:
        raise NotYours
    series = changed(found.Series.uid, by)
    if series.ended_at is not None or seen.visit.state not in AHEAD:
        raise RuleBroken(_("这一组走访刚刚有变动，请看最新的安排再改"))
    return series, seen.visit


def _close(series: Series, visit: Visit, reason: CancelReason, *, by: Actor) -> int:
    """End a series and call off what of it is ahead, from a visit on by the days' own order."""
    hold(series.pairing_id)
    with transaction() as session:
        since = session.scalars(select(Occurrence.key).where(Occurrence.visit_id == visit.id)).one()
        _end_before(series, since)
        ahead = session.scalars(
            select(Visit)
            .join(Occurrence, Occurrence.visit_id == Visit.id)
            .where(
                Occurrence.series_id == series.id,
                Occurrence.key >= since,
                Visit.state.in_(AHEAD),
                Visit.starts_at > clock.now(),
            )
            .order_by(Visit.id)
            .with_for_update(of=Visit)
        ).all()
        audit.record("end_series", "series", series.uid, by=by.id, reason=reason.value)
        return sum(call_off(one, reason, by=by, among=AHEAD) for one in ahead)


def _end_before(series: Series, since: str) -> None:
    """End a series with the day before a day; at once, unless days before it wait for a decision.

    Those are still tried again, and listed for whoever coordinates.
    """
    with transaction() as session:
        waiting = (Occurrence.series_id == series.id) & (Occurrence.outcome == Outcome.REFUSED)
        session.execute(
            update(Occurrence)
            .where(waiting, Occurrence.key >= since)
            .values(outcome=Outcome.DROPPED, settled_at=clock.now())
        )
        before = waiting & (Occurrence.starts_at > clock.now())
        if session.scalar(select(Occurrence.id).where(before).limit(1)) is None:
            series.ended_at = clock.now()
        else:
            series.last_on = date.fromisoformat(since[:10]) - timedelta(days=1)
