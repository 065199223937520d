"""Writing down what became of a visit, and saying yes to it."""

from datetime import timedelta

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.orm import aliased

from accounts.queries import holders
from accounts.rules import Actor, Role
from campaigns.numbers.services import count
from campaigns.rules import Measure
from core import audit, clock
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import value_on
from core.zone import CHINA
from pairings.intro.services import hold, took_place
from visits import queries
from visits.concerns import services as concerns
from visits.groups.queries import uid_of_occasion
from visits.models import Visit
from visits.queries import Seen
from visits.records.models import VisitRecord
from visits.records.queries import writes
from visits.records.rules import Account
from visits.reminders import services as reminders
from visits.rules import NeedChange, State, served
from volunteers.hours.services import credit


def record(uid: str, account: Account, *, follows: int, by: Actor) -> None:
    """Write the record, or a correction of it. Raises NotYours, RuleBroken.

    `follows` is the number of the record that was on the page, 0 for none: what somebody else
    has written in between is not covered up.
    """
    with transaction() as session:
        seen = queries.seen(uid, by)
        if not writes(seen):
            raise NotYours
        visit = seen.visit
        session.refresh(visit, with_for_update=True)
        if visit.state not in {State.COMPLETED, State.RECORDED}:
            raise RuleBroken(_("走访结束、审核通过以前才能写记录"))
        if visit.forgotten:
            raise RuleBroken(_("孩子的档案已删除，不再写关于 TA 的内容；时长请联系县中心"))
        last = session.scalar(
            select(func.max(VisitRecord.number)).where(VisitRecord.visit_id == visit.id)
        )
        if (last or 0) != follows:
            raise RuleBroken(_("刚刚有人写了这次走访的记录，请先看一遍再改"))
        session.add(_row(visit, account, (last or 0) + 1, by))
        _set_state(visit, State.RECORDED)
        audit.record("record_visit", "visit", uid, by=by.id, fields=["record"])
        reminders.over(visit)
        if account.concern:
            concerns.stands(visit, by)


def approve(uid: str, number: int, *, by: Actor) -> None:
    """Say yes to the newest record: hours are credited, the visit counts. Raises NotYours."""
    with transaction() as session:
        seen = _to_decide(uid, by)
        approved = session.execute(
            update(VisitRecord)
            .where(
                VisitRecord.visit_id == seen.visit.id,
                VisitRecord.number == number,
                VisitRecord.number == _newest_number(seen.visit.id),
                VisitRecord.returned_at.is_(None),
                VisitRecord.recorded_by_id != by.id,
            )
            .values(approved_by_id=by.id, approved_at=clock.now())
            .returning(VisitRecord.child_present, VisitRecord.need_change)
        ).first()
        if approved is None:
            raise RuleBroken(_("记录刚刚有变动，或是您自己写的：请换一个人审核"))
        _set_state(seen.visit, State.APPROVED)
        audit.record("approve_record", "visit", uid, by=by.id, fields=["approved_at"])
        _credit(seen, by)
        _tell_of_needs(seen.visit, approved.need_change, by)
        introduced = approved.child_present and _accompanied(seen)
        took_place(seen.visit.pairing_id, seen.visit.starts_at, introduced=introduced, by=by)


def send_back(uid: str, number: int, reason: str, *, by: Actor) -> None:
    """Ask for a better record, with the reason. Raises NotYours, RuleBroken."""
    with transaction() as session:
        seen = _to_decide(uid, by)
        writer = session.scalar(
            update(VisitRecord)
            .where(
                VisitRecord.visit_id == seen.visit.id,
                VisitRecord.number == number,
                VisitRecord.number == _newest_number(seen.visit.id),
                VisitRecord.returned_at.is_(None),
            )
            .values(returned_at=clock.now(), return_reason=reason)
            .returning(VisitRecord.recorded_by_id)
        )
        if writer is None:
            raise RuleBroken(_("记录刚刚有变动，请看最新的一版"))
        _set_state(seen.visit, State.COMPLETED)
        audit.record("send_back_record", "visit", uid, by=by.id, fields=["return_reason"])
        reminders.tell("visit_sent_back", f"back{number}", seen.visit, [writer])


def _row(visit: Visit, account: Account, number: int, by: Actor) -> VisitRecord:
    return VisitRecord(
        visit_id=visit.id,
        number=number,
        child_present=account.child_present,
        mood=account.mood,
        did=account.did,
        need_change=account.need_change,
        need_changes=account.need_changes,
        parcel=account.parcel,
        parcels=account.parcels,
        concern=account.concern,
        recorded_by_id=by.id,
        recorded_at=clock.now(),
    )


def _to_decide(uid: str, by: Actor) -> Seen:
    """Return a recorded visit of those somebody says yes or no to. Raises NotYours, RuleBroken."""
    with transaction() as session:
        seen = queries.seen(uid, by)
        if not seen.approves:
            raise NotYours
        hold(seen.visit.pairing_id)  # before its visit, as everywhere
        session.refresh(seen.visit, with_for_update=True)
        if seen.visit.state is not State.RECORDED:
            raise RuleBroken(_("这次走访没有待审核的记录"))
        return seen


def _newest_number(visit_id: int) -> ScalarSelect[int | None]:
    other = aliased(VisitRecord)
    return select(func.max(other.number)).where(other.visit_id == visit_id).scalar_subquery()


def _set_state(visit: Visit, state: State) -> None:
    """Move a visit whose row is locked."""
    with transaction() as session:
        session.execute(
            update(Visit).where(Visit.id == visit.id).values(state=state, version=Visit.version + 1)
        )


def _credit(seen: Seen, by: Actor) -> None:
    """Credit everybody's hours and count the visit for its campaign.

    Whoever was at several children's visits made together has served once: the occasion counts.
    """
    visit, day = seen.visit, seen.visit.starts_at.astimezone(CHINA).date()
    overrun = timedelta(minutes=value_on("visits.overrun_minutes", day))
    ref, total = uid_of_occasion(visit), 0
    for one in seen.members:
        if one.volunteer_id and one.checked_in_at and one.checked_out_at:
            minutes = served(one.checked_in_at, one.checked_out_at, visit.ends_at, overrun)
            if credit(one.volunteer_id, minutes, day, source="visit", source_ref=ref, by=by):
                total += minutes
    campaign_id = queries.packet(visit).campaign_id
    if campaign_id:
        count(campaign_id, visit.county_id, Measure.VISITS, day)
        count(campaign_id, visit.county_id, Measure.MINUTES, day, by=total)


def _accompanied(seen: Seen) -> bool:
    """Whether the escort was there: without one nobody has been introduced to anybody."""
    return seen.escort is not None and seen.escort.checked_in_at is not None


def _tell_of_needs(visit: Visit, change: NeedChange | None, by: Actor) -> None:
    """Tell those who keep the child's file that an approved record speaks of its needs."""
    if change in {None, NeedChange.NONE}:
        return
    village = holders(Role.CHILD_DIRECTOR, [visit.village_id])
    township = holders(Role.CHILD_SUPERVISOR, [visit.township_id])
    people = {row[0] for row in (*village, *township)} - {by.id}
    reminders.tell("visit_need_change", "needs", visit, people)
