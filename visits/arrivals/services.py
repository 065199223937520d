"""Coming and going: everybody is checked in and out on the spot, without any position."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import func, select, update

from accounts.rules import Actor
from children.consents.queries import lacking
from core import audit, clock
from core.db import attempt, hold, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import value_on
from pairings.agreements.services import refuse_unready
from pairings.rules import VISITABLE
from visits import queries
from visits.arrivals.queries import key, lack_of, meeting
from visits.arrivals.rules import step_typed, taken
from visits.groups.queries import ids_of, others
from visits.holds import services as holds
from visits.models import Party, Visit
from visits.planning.queries import local_people, pairing_of, team
from visits.queries import Attendee, Seen
from visits.reminders import services as reminders
from visits.rules import PartyRole, State
from volunteers.models import Volunteer
from volunteers.queries import clearances
from volunteers.rules import Status

Step = Callable[[Visit, Attendee, Actor], None]
"""Coming or going: what is done of one person on one visit."""


class CodeSpent(RuleBroken):
    """The code was the meeting's, but it is over, not yet shown, or was used by this person."""


def check_in(uid: str, code: str, *, by: Actor) -> None:
    """Check oneself in with the code that the escort reads out. Raises NotYours, RuleBroken.

    Not to be called inside a transaction: a wrong code has to stay counted. It is counted before
    it is looked at, so that many guesses at once are counted one by one.
    """
    _by_code(uid, code, _arrive, by)


def check_out(uid: str, code: str, *, by: Actor) -> None:
    """Check oneself out with the code of that minute; like `check_in`."""
    _by_code(uid, code, _leave, by)


def check_in_for(uid: str, party_id: int, *, by: Actor) -> None:
    """Check somebody in without a code. Raises NotYours, RuleBroken.

    The escort and the coordinator do it for anybody, a leader who has come for other volunteers.
    """
    with transaction():
        seen = _locked(uid, by)
        _everywhere(seen, _received(seen, party_id, leaving=False), _arrive, by)


def check_out_for(uid: str, party_id: int, *, by: Actor) -> None:
    """Check somebody out without a code, like `check_in_for`; once is enough.

    When the last one has gone, the visit is over. It may be done on a visit that was called off
    while people were there.
    """
    with transaction():
        seen = _locked(uid, by)
        _everywhere(seen, _received(seen, party_id, leaving=True), _leave, by)


def _by_code(uid: str, code: str, act: Step, by: Actor) -> None:
    with transaction():
        seen = _locked(uid, by)
        me = seen.me
        if me is None or me.role is not PartyRole.MEMBER:
            raise NotYours
        refusal = _try(seen.visit, me, code)
        if refusal is None:
            _everywhere(seen, me, act, by)
    if refusal is not None:
        raise refusal


def _try(visit: Visit, me: Attendee, code: str) -> RuleBroken | None:
    """Count a try and return why the code does not open, if it does not. Raises RuleBroken."""
    most, now = int(value_on("visits.code_tries", clock.today())), clock.now()
    mine = (Party.visit_id.in_(ids_of(visit)), Party.person_id == me.person_id)
    with transaction() as session:
        tried = session.execute(
            update(Party)
            .where(*mine, Party.tries < most)
            .values(tries=Party.tries + 1)
            .returning(Party.tries, Party.code_step)
        ).all()
        if not tried:
            raise RuleBroken(_("签到码输错次数太多，请陪同人为您签到、签退"))
        step = step_typed(code, key(), meeting(visit), now)
        if step is None:
            left = most - max(row.tries for row in tried)
            return RuleBroken(_("签到码不对，请向陪同人再问一遍；还可以试 %(n)d 次", n=left))
        if not taken(step, now, max(row.code_step or 0 for row in tried)):
            return CodeSpent(_("这个码已用过或已过时，请看陪同人现在的码"))
        session.execute(update(Party).where(*mine).values(tries=0, code_step=step))
    return None


def _everywhere(seen: Seen, who: Attendee, act: Step, by: Actor) -> None:
    """Do it on the visit, and on those made together with it that the same person takes part in.

    What stands against one of these others stands against that child's visit only.
    """
    act(seen.visit, who, by)
    for other in others(seen.visit):
        same = (one for one in queries.attendees(other) if one.person_id == who.person_id)
        for one in same:
            with suppress(RuleBroken), attempt():
                act(other, one, by)


def _leave(visit: Visit, who: Attendee, by: Actor) -> None:
    """Write down that somebody has gone; with the last one the visit is over."""
    if who.checked_in_at is None:
        raise RuleBroken(_("还没有签到，不用签退"))
    with transaction() as session:
        session.execute(
            update(Party)
            .where(Party.id == who.party_id, Party.checked_out_at.is_(None))
            .values(checked_out_at=clock.now())
        )
        audit.record("check_out", "visit", visit.uid, by=by.id, fields=["checked_out_at"])
        if not _present(visit) and visit.state is State.IN_PROGRESS:
            _move_on(visit, State.IN_PROGRESS, State.COMPLETED)
            holds.free(visit.id)


def _locked(uid: str, by: Actor) -> Seen:
    """Return a visit that nobody else changes until the commit: the last in and out count.

    It is read again once it is locked: who takes part may have changed while it was waited for.
    """
    with transaction() as session:
        visit = queries.seen(uid, by).visit
        hold(ids_of(visit).order_by(Visit.id))
        session.refresh(visit, with_for_update=True)
        return queries.seen(uid, by)


def open_now(visit: Visit) -> bool:
    """Whether people can check in at this moment."""
    try:
        _refuse_at_the_wrong_time(visit)
    except RuleBroken:
        return False
    return True


def _received(seen: Seen, party_id: int, *, leaving: bool) -> Attendee:
    """Return one of the visit's people, for whoever may act for them. Raises NotYours."""
    found = next((one for one in seen.parties if one.party_id == party_id), None)
    if found is None or not seen.checks(found, leaving=leaving):
        raise NotYours
    return found


def _arrive(visit: Visit, who: Attendee, by: Actor) -> None:
    """Write down that somebody has come; with everybody there whom it needs the visit begins."""
    _refuse_at_the_wrong_time(visit)
    _refuse_without_a_right_to_visit(visit, who)
    with transaction() as session:
        session.execute(
            update(Party)
            .where(Party.id == who.party_id, Party.checked_in_at.is_(None))
            .values(checked_in_at=clock.now())
        )
        audit.record("check_in", "visit", visit.uid, by=by.id, fields=["checked_in_at"])
        if lack_of(visit) is None:
            _move_on(visit, State.CONFIRMED, State.IN_PROGRESS)


def _refuse_at_the_wrong_time(visit: Visit) -> None:
    if visit.state is State.PLANNED:
        raise RuleBroken(_("陪同人还没有确认地点和监护人同意，确认后才能签到"))
    if visit.state not in {State.CONFIRMED, State.IN_PROGRESS}:
        raise RuleBroken(_("这次走访已结束或已取消，不能签到"))
    early = int(value_on("visits.check_in_early", clock.today()))
    if clock.now() < visit.starts_at - timedelta(minutes=early):
        raise RuleBroken(_("开始前 %(minutes)d 分钟起可以签到", minutes=early))
    if clock.now() > visit.ends_at:
        raise RuleBroken(_("已过结束时间，不能签到；请联系县中心"))


def _refuse_without_a_right_to_visit(visit: Visit, who: Attendee) -> None:
    """Ask everything anew at the door: it may have lapsed since the plan was made."""
    about = queries.packet(visit)
    if about.stage not in VISITABLE or lacking([about.child_id], clock.today()).get(about.child_id):
        raise RuleBroken(_("结对或同意已不在有效期内，请不要见面，并联系县中心"))
    refuse_unready(pairing_of(visit))
    if who.volunteer_id is None:
        _refuse_a_stranger(visit, who)
        return
    if who.volunteer_id not in {one.volunteer_id for one in team(pairing_of(visit))}:
        raise RuleBroken(_("%(name)s 已不在这个小组，不能与孩子见面，请联系县中心", name=who.name))
    with transaction() as session:
        status = session.scalar(select(Volunteer.status).where(Volunteer.id == who.volunteer_id))
    held = clearances([who.volunteer_id], clock.today())[who.volunteer_id]
    if status is not Status.ACTIVE or not held.complete:
        raise RuleBroken(
            _("%(name)s 的查询、培训或保险已过期，不能与孩子见面，请联系县中心", name=who.name)
        )


def _refuse_a_stranger(visit: Visit, who: Attendee) -> None:
    """Raise RuleBroken unless the escort still answers for the child's place."""
    local = local_people(pairing_of(visit), clock.today())
    if who.person_id not in {one.id for one in local}:
        raise RuleBroken(
            _("%(name)s 已不在这里任职，不能陪同，请不要见面，并联系县中心", name=who.name)
        )


def _present(visit: Visit) -> int:
    """Return how many have come and not gone."""
    with transaction() as session:
        here = select(func.count(Party.id)).where(
            Party.visit_id == visit.id,
            Party.checked_in_at.is_not(None),
            Party.checked_out_at.is_(None),
        )
        return session.scalar(here) or 0


def _move_on(visit: Visit, since: State, to: State) -> None:
    """Go on to another state; what was still to be said of who is missing is taken back."""
    with transaction() as session:
        moved = session.scalar(
            update(Visit)
            .where(Visit.id == visit.id, Visit.state == since)
            .values(state=to, version=Visit.version + 1)
            .returning(Visit.id)
        )
        if moved is not None:
            session.refresh(visit)
            reminders.renewed(visit, queries.attendees(visit))
