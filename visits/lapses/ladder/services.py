"""Climbing the ladder once a day for every pairing whose visit has not come, and looking after it.

Whatever runs twice, or is broken off, finds the steps that were taken: their key is the lock.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from accounts.queries import holders
from accounts.rules import SITE, Actor, Role
from core import audit, clock
from core.db import insert_once, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.parameters import value_on
from core.turns import in_turn
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert
from messages.services import Notice, plan
from pairings.models import Pairing
from pairings.queries import pairing as known
from pairings.rules import EndReason, Stage
from pairings.services import member_ids
from pairings.steps.services import go
from places.models import Area
from visits.contracts.queries import standing
from visits.lapses.ladder import queries
from visits.lapses.ladder.models import LapseStep
from visits.lapses.ladder.rules import FOR_GOOD, Check, Step, next_step
from volunteers.teams.queries import members

TOLD_FOR = timedelta(days=7)


def climb() -> int:
    """Take today's step of every pairing that is due one; return how many. The job's service.

    Raises SomeFailed when the others had theirs.
    """
    on_it = select(Pairing.id, Pairing.uid).where(Pairing.stage.in_(queries.ON_IT))
    with transaction() as session:
        found = [(row.id, row.uid) for row in session.execute(on_it.order_by(Pairing.id))]
    return in_turn("lapses", found, _climb)


def _climb(pairing_id: int) -> bool:
    with transaction() as session:
        pairing = session.scalar(
            select(Pairing)
            .where(Pairing.id == pairing_id, Pairing.stage.in_(queries.ON_IT))
            .with_for_update(skip_locked=True)
        )
        if pairing is None:
            return False
        now, today = standing(pairing, many=1), clock.today()
        window, taken = now.next, queries.taken(pairing.id, now.last)
        if pairing.stage is Stage.PAUSED and Step.PAUSE not in taken:
            return False  # somebody has paused it: nobody is expected
        ladder = [int(one) for one in value_on("visits.ladder_days", today)]
        step = next_step(window.days_over(today), taken, today, ladder)
        if step is None or (step in FOR_GOOD and queries.visit_ahead(pairing.id)):
            return False
        named = queries.named(pairing.id, now.last) or window.closes_on
        row = {"pairing_id": pairing.id, "window_on": named, "step": step}
        if insert_once(LapseStep, **row, taken_on=today) is None:
            return False
        audit.record("lapse_step", "pairing", pairing.uid, by=SITE.id, reason=step.value)
        _act(pairing, step)
        _tell(pairing, step, (f"{named}/{step}", window.due_on.isoformat()))
        return True


def _act(pairing: Pairing, step: Step) -> None:
    """Pause a pairing, or begin to end it; how it ends somebody decides."""
    reason = _("约定的走访一再没有成行")
    if step is Step.PAUSE and pairing.stage is Stage.ACTIVE:
        go(pairing, Stage.PAUSED, by=SITE, reason=reason)
    if step is Step.END and pairing.stage in queries.ON_IT:
        go(
            pairing,
            Stage.ENDING,
            by=SITE,
            reason=reason,
            end_reason=EndReason.OTHER,
            renewing_since=None,
            renew_until=None,
        )


def _tell(pairing: Pairing, step: Step, about: tuple[str, str]) -> None:
    """Remind the leader or tell everybody, and always ask somebody to look after the child."""
    coordinators = _held(Role.COORDINATOR, pairing.county_id)
    supervisors = [pairing.supervisor_id] if pairing.supervisor_id else []
    if step is Step.REMIND:
        team = members([pairing.team_id])[pairing.team_id]
        leaders = [one.person_id for one in team if one.leads]
        _say("visit_lapse_remind", pairing, about, leaders)
    elif step is not Step.TASK:
        everybody = [*member_ids(pairing.team_id), *coordinators, *supervisors]
        _say(f"visit_lapse_{step}", pairing, about, everybody)
    checkers = (
        _held(Role.CHILD_DIRECTOR, pairing.village_id)
        or supervisors
        or _held(Role.CHILD_SUPERVISOR, pairing.township_id)
        or coordinators
    )
    _say("visit_lapse_check", pairing, about, checkers)


def _held(role: Role, area_id: int | None) -> list[int]:
    return [row[0] for row in holders(role, [area_id])]


def _say(kind: str, pairing: Pairing, about: tuple[str, str], people: Sequence[int]) -> None:
    """Say something to people; `about` is what the step is called and when the visit was due."""
    now, (name, due) = clock.now(), about
    plan(
        [
            Notice(
                kind=kind,
                key=f"lapse/{pairing.uid}/{kind}/{name}/{person_id}",
                params={"uid": pairing.uid, "due": due},
                due_at=now,
                expire_at=now + TOLD_FOR,
                person_id=person_id,
                urgent=kind == "visit_lapse_concern",
            )
            for person_id in sorted(set(people))
        ]
    )


def looked_after(pairing_uid: str, answer: Check, *, by: Actor) -> None:
    """Say how the child is: it answers every step that waits. Raises NotYours, RuleBroken."""
    with transaction() as session:
        pairing = known(pairing_uid, by)
        if not queries.checks(pairing, by):
            raise NotYours
        answered = session.scalars(
            update(LapseStep)
            .where(LapseStep.pairing_id == pairing.id, LapseStep.answered_at.is_(None))
            .values(answer=answer, answered_by_id=by.id, answered_at=clock.now())
            .returning(LapseStep.id)
        ).all()
        if not answered:
            raise RuleBroken(_("这里没有等您看望的孩子，刚刚可能有人看过了"))
        audit.record("child_looked_after", "pairing", pairing.uid, by=by.id, reason=answer.value)
        if answer is Check.CONCERN:
            _raise_concern(pairing, str(max(answered)))


def _raise_concern(pairing: Pairing, name: str) -> None:
    """Tell the safeguarding leads, and make it an alert that somebody closes."""
    with transaction() as session:
        city = session.scalar(select(Area.parent_id).where(Area.id == pairing.county_id))
    leads = [
        *_held(Role.SAFEGUARDING_LEAD, pairing.county_id),
        *_held(Role.SAFEGUARDING_LEAD, city),
    ]
    _say("visit_lapse_concern", pairing, (name, clock.today().isoformat()), leads)
    kind, place = AlertKind.CHILD_NOT_WELL, pairing.county_id
    raise_alert(kind, ref=pairing.uid, area_id=place, already_told=leads)
