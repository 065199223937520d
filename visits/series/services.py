"""Making series and planning their days ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import or_, select, update

from accounts.rules import SITE, Actor
from core import audit, clock
from core.db import attempt, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.turns import in_turn
from pairings.intro.services import hold
from pairings.models import Pairing
from pairings.rules import BEGUN, LIVE
from visits.planning.queries import plannable
from visits.planning.rules import Why
from visits.rules import PlaceKind
from visits.series import queries
from visits.series.models import Occurrence, Series
from visits.series.rules import HolidayPolicy, Outcome, Rhythm, key_of, moment, rule_of
from visits.services import PlanRefused, make_visit

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """A series as somebody wishes it."""

    rhythm: Rhythm
    first: date
    start: time
    minutes: int
    policy: HolidayPolicy
    place_kind: PlaceKind
    place_text: str
    escort_id: int
    home_agreed: bool = False
    last: date | None = None


def drawn(pairing: Pairing, wish: Wish, *, by: Actor) -> Series:
    """Return the series of a wish, not saved: to look at, or to begin."""
    return Series(
        pairing_id=pairing.id,
        county_id=pairing.county_id,
        township_id=pairing.township_id,
        village_id=pairing.village_id,
        rule=rule_of(wish.rhythm, wish.first),
        first_on=wish.first,
        local_start=wish.start,
        minutes=wish.minutes,
        zone="Asia/Shanghai",
        policy=wish.policy,
        last_on=wish.last,
        place_kind=wish.place_kind,
        place_text=wish.place_text,
        home_agreed=wish.home_agreed,
        escort_id=wish.escort_id,
        made_by_id=by.id,
    )


def begin(pairing_uid: str, wish: Wish, *, by: Actor) -> str:
    """Begin a series and plan its first days; return its uid. Raises NotYours, RuleBroken."""
    with transaction() as session:
        pairing = plannable(pairing_uid, by)
        hold(pairing.id)
        if pairing.stage not in BEGUN:
            raise RuleBroken(_("首访结束并审核通过以后，才能排固定的走访"))
        series = drawn(pairing, wish, by=by)
        session.add(series)
        session.flush()
        audit.record("begin_series", "series", series.uid, by=by.id)
        _expand(series)
        return series.uid


def expand() -> int:
    """Plan the coming days of every series, once each whoever asks; return how many are new.

    The job's service. A day that a rule stood against is tried again: papers are renewed. Raises
    SomeFailed when the others had theirs.
    """
    return in_turn("series", _due(), _expand_one)


def _expand_one(series_id: int) -> int:
    with transaction() as session:
        series = session.scalar(
            select(Series)
            .where(Series.id == series_id, Series.ended_at.is_(None))
            .with_for_update(skip_locked=True)
        )
        return _expand(series) if series is not None else 0


def _due() -> Sequence[tuple[int, str]]:
    """Return the series with days to plan, or to try again."""
    until = queries.horizon(clock.today())
    again = select(Occurrence.series_id).where(
        Occurrence.outcome == Outcome.REFUSED, Occurrence.starts_at > clock.now()
    )
    with transaction() as session:
        found = session.execute(
            select(Series.id, Series.uid)
            .where(
                Series.ended_at.is_(None),
                or_(
                    Series.expanded_until.is_(None),
                    Series.expanded_until < until,
                    Series.id.in_(again),
                ),
            )
            .order_by(Series.id)
        )
        return [(row.id, row.uid) for row in found]


def _expand(series: Series) -> int:
    """Settle the days of a locked series until the horizon; return how many were planned."""
    until = queries.horizon(clock.today())
    with transaction() as session:
        pairing = hold(series.pairing_id)
        if pairing.stage not in LIVE:
            series.ended_at = clock.now()
            return 0
        known = {
            one.key: one
            for one in session.scalars(select(Occurrence).where(Occurrence.series_id == series.id))
        }
        planned = 0
        for local, at in queries.days_of(series, pairing, until):
            row = known.get(key_of(local))
            if row is None:
                row = _new(series, key_of(local), at or moment(local, series.zone))
                if row is None:
                    continue
            elif row.outcome is not Outcome.REFUSED:
                continue
            planned += _settle(series, pairing, row, at=at)
        series.expanded_until = until
    return planned


def _new(series: Series, key: str, starts_at: object) -> Occurrence | None:
    """Claim a day by its name; None when somebody else has."""
    claimed = insert_once(
        Occurrence,
        series_id=series.id,
        key=key,
        starts_at=starts_at,
        outcome=Outcome.REFUSED,
        reasons=[],
        settled_at=clock.now(),
    )
    with transaction() as session:
        return session.get(Occurrence, claimed) if claimed is not None else None


def _settle(series: Series, pairing: Pairing, row: Occurrence, *, at: datetime | None) -> int:
    """Plan one day, or keep why not; whether it was planned.

    A day that is tried again may have become a holiday since, and be put off or left out.
    """
    row.settled_at = clock.now()
    if at is None:
        row.outcome, row.reasons = Outcome.SKIPPED, []
        return 0
    row.starts_at = at
    try:
        with attempt():
            visit = make_visit(pairing, queries.plan_of(series, pairing, at), by=SITE)
    except PlanRefused as refusal:
        row.reasons = sorted({problem.why.value for problem in refusal.problems})
        return 0
    except RuleBroken:
        row.reasons = [Why.PAIRING_NOT_OPEN.value]
        return 0
    row.outcome, row.visit_id, row.reasons = Outcome.PLANNED, visit.id, []
    return 1


def drop(uid: str, key: str, *, by: Actor) -> None:
    """Leave a refused day out for good. Raises NotYours, RuleBroken."""
    with transaction() as session:
        series = changed(uid, by)
        dropped = session.scalar(
            update(Occurrence)
            .where(
                Occurrence.series_id == series.id,
                Occurrence.key == key,
                Occurrence.outcome == Outcome.REFUSED,
            )
            .values(outcome=Outcome.DROPPED, settled_at=clock.now())
            .returning(Occurrence.id)
        )
        if dropped is None:
            raise RuleBroken(_("这一天刚刚有变动，请看最新的安排"))
        audit.record("drop_occurrence", "series", uid, by=by.id)


def changed(uid: str, by: Actor) -> Series:
    """Return a series for whoever may change it, locked. Raises NotYours."""
    series, may = queries.seen(uid, by)
    if not may:
        raise NotYours
    with transaction() as session:
        session.refresh(series, with_for_update=True)
    return series
