"""What makes a sign-up count: its link used, or a call answered. Then somebody is a volunteer."""

from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from accounts.links.services import make_code
from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import STAFF, Actor, Role
from accounts.services import NewPerson, add_person
from accounts.sessions.services import begin_session
from campaigns.models import Campaign, Slot
from campaigns.numbers.queries import joined_first
from campaigns.numbers.services import count
from campaigns.rules import CURRENT, Measure
from campaigns.seats.labels import said
from campaigns.seats.rules import KEPT, UNCONFIRMED, SeatState, Why
from campaigns.signups.models import SignUp
from campaigns.signups.queries import without_a_way_in
from campaigns.signups.seating.queries import known
from campaigns.signups.seating.services import hold_slots, know
from core import audit, clock, ids
from core.db import transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.scopes import find
from volunteers.services import register

ENTER_WITHIN = timedelta(minutes=10)


def confirm(secret: str) -> str:
    """Use a link: the seat is kept and somebody becomes a volunteer; return the sign-up's uid."""
    with transaction() as session:
        found = _confirmed(session, SignUp.token_hash == ids.digest(secret))
        person_id = session.scalar(select(Person.id).where(Person.email == found.email))
        person_id = person_id or add_person(
            NewPerson(found.name, email=found.email, language=found.language)
        )
        _welcome(session, found, person_id, by=Actor(person_id, found.name))
        return found.uid


def confirm_held(found: SignUp, *, by: Actor) -> None:
    """Keep the seat of somebody who is signed in, in the caller's transaction."""
    with transaction() as session:
        kept = _confirmed(session, SignUp.id == found.id)
        _welcome(session, kept, by.id or 0, by=by)


def confirm_by_call(uid: str, *, by: Actor) -> str | None:
    """Keep the seat of somebody the coordinator has called; return the person's uid if new.

    Whoever had that number before stays as they were and signs in as ever.
    """
    with transaction() as session:
        find(SignUp, uid, by)
        found = _confirmed(session, (SignUp.uid == uid) & SignUp.email.is_(None))
        known = session.scalar(select(Person.id).where(Person.phone == found.phone))
        person_id = known or add_person(
            NewPerson(found.name, phone=found.phone, language=found.language)
        )
        _welcome(session, found, person_id, by=by)
        return None if known else session.get_one(Person, person_id).uid


def _confirmed(session: Session, which: ColumnElement[bool]) -> SignUp:
    """Turn a waiting sign-up into a confirmed one; of any number of callers exactly one does."""
    hold_slots(which)
    open_slots = (
        select(Slot.id)
        .join(Campaign, Campaign.id == Slot.campaign_id)
        .where(Campaign.stage.in_(CURRENT))
    )
    kept = session.scalar(
        update(SignUp)
        .where(
            which,
            SignUp.state.in_(UNCONFIRMED),
            SignUp.expires_at > clock.now(),
            SignUp.slot_id.in_(open_slots),
        )
        .values(state=SeatState.CONFIRMED, confirmed_at=clock.now())
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    )
    if kept is None:
        raise RuleBroken(said(Why.TOO_LATE))
    return session.get_one(SignUp, kept, populate_existing=True)


def _welcome(session: Session, found: SignUp, person_id: int, *, by: Actor) -> None:
    """Link the sign-up with the person, who is a volunteer from now on; count them once."""
    person = session.get_one(Person, person_id, with_for_update=True)
    if person.disabled_at is not None:
        raise RuleBroken(_("这个账号已停用，请联系县中心"))
    slot = session.get_one(Slot, found.slot_id)
    joined_before = joined_first(slot.campaign_id, person_id, but=found.id)
    found.person_id = person_id
    volunteer_id = register(
        person_id, name=person.name, county_id=slot.county_id, org_text=found.org_text
    )
    know(session, found, known(volunteer_id))
    if joined_before is None:
        count(slot.campaign_id, slot.county_id, Measure.VOLUNTEERS, clock.today())
    audit.record("confirm_sign_up", "sign_up", found.uid, by=by.id)


def enter(secret: str, *, agent: str) -> str | None:
    """Sign in whoever has just used their link; return the secret of a session.

    None for staff, who have rights that a mailbox alone does not open, and after ten minutes.
    """
    with transaction() as session:
        person_id = session.scalar(
            select(SignUp.person_id).where(
                SignUp.token_hash == ids.digest(secret),
                SignUp.state.in_(KEPT),
                SignUp.confirmed_at > clock.now() - ENTER_WITHIN,
            )
        )
        if person_id is None or actor_for(person_id).has(*STAFF):
            return None
        return begin_session(person_id, agent=agent)


def code_for(uid: str, *, by: Actor) -> str:
    """Return a code to read out to somebody confirmed by a call who has no other way in.

    Only for volunteers of the own county without a password: a code must not open anybody
    else's account.
    """
    with transaction() as session:
        person_id = session.scalar(
            select(Person.id)
            .join(SignUp, SignUp.person_id == Person.id)
            .where(SignUp.uid == uid, without_a_way_in(by))
        )
        if person_id is None or actor_for(person_id).roles != {Role.VOLUNTEER.value}:
            raise NotYours
        return make_code(person_id, by=by)
