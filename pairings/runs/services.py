"""Asking for a run, and deciding on what it proposes: people do, one child at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from accounts.rules import Actor, Role
from core import audit, clock, ids
from core.db import attempt, hold, insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import values_on
from core.scopes import find
from core.zone import CHINA
from pairings.models import Pairing
from pairings.proposals.services import Proposal, check_days, propose
from pairings.runs.models import (
    MatchDocument,
    MatchPrice,
    MatchProposal,
    MatchRefusal,
    MatchRun,
    MatchWaiting,
)
from pairings.runs.queries import child_uid, startable, team_uid
from pairings.runs.rules import BUSY, Fate, Refusal, State, due, week_of
from places.models import Area
from places.rules import Level

SUBJECT = "match_run"
ROWS = (MatchProposal, MatchWaiting, MatchPrice, MatchDocument)
TRIED_AFTER, TRIED_FOR = timedelta(hours=1), timedelta(hours=12)
KEPT = timedelta(days=60)
"""After that a run is a line of sums: what it proposed for whom is deleted."""


def start(area_id: int, *, by: Actor) -> str:
    """Ask for a matching of a county, or of a city; return the run's uid.

    Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        area = session.get(Area, area_id)
        if area is None or area_id not in startable(by):
            raise NotYours
        uid = _insert(session, area, by_id=by.id)
        if uid is None:
            raise RuleBroken(_("这里正在自动配对，请等它算完，或者先取消"))
        audit.record("match_run", SUBJECT, uid, by=by.id)
    return uid


def _insert(session: Session, area: Area, **values: Any) -> str | None:
    """Insert a run unless one goes on over any of the same children; return its uid, or None.

    Whoever asks locks the city's row first, so that a city's run and a county's never both begin.
    """
    city_id = area.id if area.level is Level.CITY else area.parent_id
    hold(select(Area.id).where(Area.id == city_id))
    going_on = select(MatchRun.id).where(MatchRun.city_id == city_id, MatchRun.state.in_(BUSY))
    if area.level is Level.COUNTY:
        going_on = going_on.where(MatchRun.area_id.in_([area.id, city_id]))
    if session.scalar(going_on.limit(1)) is not None:
        return None
    uid, now = ids.uid(), clock.now()
    made = insert_once(
        MatchRun, uid=uid, area_id=area.id, city_id=city_id, level=area.level, made_at=now,
        touched_at=now, **values,
    )  # fmt: skip
    return uid if made is not None else None


def begin_weekly() -> int:
    """Ask for the week's matching of each city, once it is due; return how many were begun."""
    local = clock.now().astimezone(CHINA)
    today = local.date()
    if not due(values_on(today)["pairings.weekly_run"], local):
        return 0
    begun = 0
    with transaction() as session:
        cities = session.scalars(
            select(Area).where(Area.level == Level.CITY).order_by(Area.id)
        ).all()
        for city in cities:
            made = session.scalar(
                select(MatchRun).where(MatchRun.area_id == city.id, MatchRun.week == week_of(today))
            )
            if made is not None:
                begun += _again(session, made)
                continue
            uid = _insert(session, city, by_id=None, week=week_of(today))
            if uid is not None:
                audit.record("match_run", SUBJECT, uid, by=None)
                begun += 1
    return begun


def _again(session: Session, run: MatchRun) -> bool:
    """Try a weekly run that failed once more, an hour later, for half a day; whether it is."""
    now = clock.now()
    hold(select(Area.id).where(Area.id == run.city_id))
    busy = select(MatchRun.id).where(MatchRun.city_id == run.city_id, MatchRun.state.in_(BUSY))
    if now - run.made_at > TRIED_FOR or session.scalar(busy.limit(1)) is not None:
        return False
    tried = (
        update(MatchRun)
        .where(
            MatchRun.id == run.id, MatchRun.state == State.FAILED,
            MatchRun.touched_at <= now - TRIED_AFTER,
        )
        .values(state=State.WAITING, claimed_at=None, touched_at=now)
        .returning(MatchRun.id)
    )  # fmt: skip
    return session.scalar(tried) is not None


def cancel(uid: str, *, by: Actor) -> None:
    """Stop a run that goes on, of an area one may start it for. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = find(MatchRun, uid, by)
        if found.area_id not in startable(by):
            raise RuleBroken(_("全市的配对由市级协调员取消"))
        stopped = session.scalar(
            update(MatchRun)
            .where(MatchRun.id == found.id, MatchRun.state.in_(BUSY))
            .values(
                state=State.CANCELLED, claimed_at=None, touched_at=clock.now(),
                version=MatchRun.version + 1,
            )
            .returning(MatchRun.id)
        )  # fmt: skip
        if stopped is None:
            raise RuleBroken(_("已经算完了，请刷新页面看看"))
        audit.record("cancel_match_run", SUBJECT, uid, by=by.id)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The pairing that was proposed, or why it no longer could be."""

    pairing_uid: str | None
    reasons: tuple[str, ...] = ()


def accept(
    uid: str, note: str, ends_on: date, *, by: Actor, campaign_id: int | None = None
) -> Accepted:
    """Propose what a run proposes, by the rules as they are now; else it is outdated.

    In one transaction, the run locked first: a run that a newer one replaces meanwhile is over
    before or after, never between. Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        check_days(clock.today(), ends_on)
        found = _open(session, uid, by)
        team = team_uid(found.team_id)
        pairing_uid: str | None = None
        reasons: tuple[str, ...] = (_("这个小组已经解散"),)
        if team is not None:
            proposal = Proposal(team, note, ends_on, campaign_id)
            pairing_uid, reasons = _proposed(child_uid(found.child_id), proposal, by)
        _decide(session, found, Fate.OUTDATED if pairing_uid is None else Fate.ACCEPTED, by=by,
                pairing_uid=pairing_uid)  # fmt: skip
    return Accepted(pairing_uid, reasons)


def _proposed(child: str, proposal: Proposal, by: Actor) -> tuple[str | None, tuple[str, ...]]:
    try:
        with attempt():
            return propose(child, proposal, by=by), ()
    except RuleBroken as refusal:
        return None, tuple(str(reason) for reason in refusal.reasons)


def refuse(uid: str, reason: Refusal, *, by: Actor) -> None:
    """Say no to a pair: no run proposes it again. Raises NotYours, RuleBroken."""
    with transaction() as session:
        found = _open(session, uid, by)
        insert_once(
            MatchRefusal, child_id=found.child_id, team_id=found.team_id, reason=reason,
            by_id=by.id, at=clock.now(),
        )  # fmt: skip
        _decide(session, found, Fate.REFUSED, by=by)
        audit.record("refuse_match", "match_proposal", uid, by=by.id, reason=reason.value)


def _open(session: Session, uid: str, by: Actor) -> MatchProposal:
    """Return a proposal that can be decided on, its run and itself locked.

    Raises NotYours, RuleBroken.
    """
    found = find(MatchProposal, uid, by, Role.COORDINATOR)
    hold(select(MatchRun.id).where(MatchRun.id == found.run_id))
    hold(select(MatchProposal.id).where(MatchProposal.id == found.id))
    session.refresh(found)
    run = session.get_one(MatchRun, found.run_id, populate_existing=True)
    ready = run.state is State.READY and run.expires_at is not None
    if not ready or (run.expires_at is not None and run.expires_at <= clock.now()):
        raise RuleBroken(_("这次自动配对已经过期，请看新的一次"))
    if found.fate is not Fate.OPEN:
        raise RuleBroken(_("这一对已经有人决定过了，请刷新页面看看"))
    return found


def _decide(
    session: Session, found: MatchProposal, fate: Fate, *, by: Actor, pairing_uid: str | None = None
) -> None:
    from_pairing: Mapping[str, Any] = {}
    if pairing_uid is not None:
        from_pairing = {"pairing_id": _pairing_id(session, pairing_uid)}
    session.execute(
        update(MatchProposal)
        .where(MatchProposal.id == found.id)
        .values(fate=fate, decided_by_id=by.id, decided_at=clock.now(), **from_pairing)
    )


def _pairing_id(session: Session, uid: str) -> int:
    return session.scalars(select(Pairing.id).where(Pairing.uid == uid)).one()


def sweep() -> int:
    """Let runs go whose time is over, with what is still open; return how many."""
    now = clock.now()
    with transaction() as session:
        over = session.scalars(
            update(MatchRun)
            .where(MatchRun.state == State.READY, MatchRun.expires_at <= now)
            .values(state=State.EXPIRED, version=MatchRun.version + 1, touched_at=now)
            .returning(MatchRun.id)
        ).all()
        session.execute(
            update(MatchProposal)
            .where(MatchProposal.run_id.in_(over), MatchProposal.fate == Fate.OPEN)
            .values(fate=Fate.EXPIRED, decided_at=now)
        )
        old = session.scalars(
            select(MatchRun.id).where(
                MatchRun.state.not_in(BUSY), MatchRun.made_at <= now - KEPT,
                or_(*(MatchRun.id.in_(select(model.run_id)) for model in ROWS)),
            )
        ).all()  # fmt: skip
        for model in ROWS:
            session.execute(delete(model).where(model.run_id.in_(old)))
        session.execute(update(MatchRun).where(MatchRun.id.in_(old)).values(alarms=[]))
    return len(over)
