"""The code that is read out on site, for whoever may read it out."""

from datetime import timedelta

from sqlalchemy import func, select

from campaigns.signups.day.rules import code_of, step_of
from core import clock
from core.crypto import sealer
from core.db import db
from core.parameters import value_on
from pairings.models import Pairing
from visits.arrivals.rules import Lack, lack
from visits.models import Party, Visit
from visits.queries import Seen, visited
from visits.rules import PartyRole, State
from volunteers.models import Volunteer
from volunteers.rules import Sex


def key() -> bytes:
    """Return the key that codes are made with."""
    return sealer().derived("visit")[1]


def meeting(visit: Visit) -> str:
    """Return what a code is bound to: the meeting on site, one for visits made together."""
    return str(visit.occasion)


def code_now(seen: Seen) -> str:
    """Return the code of this minute for who reads it out, while people come or go."""
    if not seen.receives or not _people_come_or_go(seen):
        return ""
    return code_of(key(), meeting(seen.visit), step_of(clock.now()))


def asks_to_come(seen: Seen) -> bool:
    """Whether a volunteer is asked for the code to come: the visit is on, they are not there."""
    me, state = seen.me, seen.visit.state
    asked = me is not None and me.role is PartyRole.MEMBER and me.checked_in_at is None
    return asked and state in {State.CONFIRMED, State.IN_PROGRESS} and in_time(seen.visit)


def asks_to_go(seen: Seen) -> bool:
    """Whether a volunteer is asked for the code to go: checked in, and not gone yet."""
    me = seen.me
    return me is not None and me.checked_in_at is not None and me.checked_out_at is None


def in_time(visit: Visit) -> bool:
    """Whether it is between shortly before the visit and its end."""
    early = timedelta(minutes=int(value_on("visits.check_in_early", clock.today())))
    return visit.starts_at - early <= clock.now() <= visit.ends_at


def lack_of(visit: Visit) -> Lack | None:
    """Return who has to come before the child is met, or has gone while others are there."""
    here = db.session.execute(
        select(func.count(Party.id), func.count(Volunteer.id).filter(Volunteer.sex == Sex.FEMALE))
        .outerjoin(Volunteer, Volunteer.id == Party.volunteer_id)
        .where(
            Party.visit_id == visit.id,
            Party.checked_in_at.is_not(None),
            Party.checked_out_at.is_(None),
        )
    ).one()
    child = db.session.scalars(select(Pairing.child_id).where(Pairing.id == visit.pairing_id)).one()
    fewest = int(value_on("visits.fewest_adults", clock.today()))
    return lack(here[0], fewest, girl=visited(child).girl, woman=bool(here[1]))


def _people_come_or_go(seen: Seen) -> bool:
    visit = seen.visit
    if visit.state is State.CONFIRMED:
        return in_time(visit) or seen.here
    return visit.state in {State.IN_PROGRESS, State.CANCELLED} and seen.here
