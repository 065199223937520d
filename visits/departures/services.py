"""Visits that somebody can no longer take part in: who has left is taken off, the others are told.

A volunteer may be suspended, lapse, leave or change teams between the plan and the day, a minute
before it too. Check-in refuses them; this makes sure that nobody learns it only at the door.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, delete, select, true, update

from accounts.queries import holders
from accounts.rules import SITE, Role
from core import audit
from core.db import transaction
from pairings.models import Pairing
from visits import queries
from visits.groups.queries import company
from visits.holds import services as holds
from visits.models import Party, Visit
from visits.planning.queries import facts
from visits.planning.rules import STAFFING, Plan, problems
from visits.queries import Attendee
from visits.reminders import services as reminders
from visits.rules import AHEAD, PartyRole
from volunteers.models import Volunteer
from volunteers.rules import Status
from volunteers.teams.models import TeamMember

AT_ONCE = 200


def let_go(call_off: Callable[[Visit], object], among: ColumnElement[bool] | None = None) -> int:
    """Take those who have left off their coming visits; return how many visits that changes.

    `call_off` cancels a visit that too few are left for, or that no woman is left for; `among` are
    the visits to look at, all of them unless it says otherwise.
    """
    with transaction():
        short = _left_by_somebody(true() if among is None else among)
        for visit in short:
            _take_off(visit)
            left = _plan(visit, queries.attendees(visit))
            if left is None or _understaffed(visit, left):
                call_off(visit)
            else:
                _tell(visit)
    return len(short)


def _gone() -> ColumnElement[bool]:
    """Return the condition that a volunteer of a visit may not come, and has not come.

    Who may come is active and belongs to the team that accompanies the child.
    """
    comes = (
        select(TeamMember.id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .join(Pairing, Pairing.team_id == TeamMember.team_id)
        .where(
            Pairing.id == Visit.pairing_id,
            TeamMember.volunteer_id == Party.volunteer_id,
            TeamMember.left_on.is_(None),
            Volunteer.status == Status.ACTIVE,
        )
        .correlate(Party, Visit)
    )
    waited_for = Party.volunteer_id.is_not(None) & Party.checked_in_at.is_(None)
    return waited_for & ~comes.exists()


def _left_by_somebody(among: ColumnElement[bool]) -> Sequence[Visit]:
    """Return the visits ahead with a volunteer who may not come, locked with their pairings.

    One whose hour has struck counts as well, until somebody has come or it is given up.
    """
    gone = select(Party.id).where(Party.visit_id == Visit.id, _gone()).correlate(Visit)
    with transaction() as session:
        return session.scalars(
            select(Visit)
            .join(Pairing, Pairing.id == Visit.pairing_id)
            .where(Visit.state.in_(AHEAD), among, gone.exists())
            .order_by(Visit.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True, of=(Pairing, Visit))
        ).all()


def _take_off(visit: Visit) -> None:
    gone = select(Party.id).join(Visit, Visit.id == Party.visit_id).where(_gone())
    with transaction() as session:
        session.execute(delete(Party).where(Party.visit_id == visit.id, Party.id.in_(gone)))
        holds.free_who_left(visit.id)
        session.execute(update(Visit).where(Visit.id == visit.id).values(version=Visit.version + 1))
        session.refresh(visit)
        audit.record("member_left_visit", "visit", visit.uid, by=SITE.id, fields=["party"])


def _plan(visit: Visit, parties: Sequence[Attendee]) -> Plan | None:
    """Return the visit as a plan of those who are left; without an escort there is none."""
    escort = next((one.person_id for one in parties if one.role is PartyRole.ESCORT), None)
    if escort is None:
        return None
    return Plan(
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        place_kind=visit.place_kind,
        place_text=visit.place_text,
        escort_id=escort,
        member_ids=frozenset(one.person_id for one in parties if one.role is PartyRole.MEMBER),
        home_agreed=visit.guardian_agreed,
    )


def _understaffed(visit: Visit, plan: Plan) -> bool:
    with transaction() as session:
        pairing = session.get_one(Pairing, visit.pairing_id)
    found = problems(plan, facts(pairing, plan, moved=visit.id, company=company(visit)))
    return any(problem.why in STAFFING for problem in found)


def _tell(visit: Visit) -> None:
    """Plan the reminders of those who are left, and tell who looks after the visit."""
    parties = queries.attendees(visit)
    reminders.renewed(visit, parties)
    leaders = [one.person_id for one in parties if one.leads or one.role is PartyRole.ESCORT]
    coordinators = [row[0] for row in holders(Role.COORDINATOR, [visit.county_id])]
    reminders.tell("visit_member_left", f"left{visit.version}", visit, leaders + coordinators)
