"""Asking for an erasure, keeping it back while the law does, and carrying it out as another."""

from datetime import date

from sqlalchemy import select, update

import accounts.forgetting.services
import campaigns.forgetting.services
import children.forgetting.services
import children.sealed.services
import messages.contacts.services
import messages.forgetting.services
import pairings.forgetting.services
import visits.forgetting.services
import volunteers.forgetting.services
from accounts.rules import Actor, Role
from children.fence.queries import only
from children.models import Child
from children.services import locked
from core import audit, clock, ids
from core.db import insert_once, transaction
from core.errors import RuleBroken
from core.fences import seeing
from core.i18n import _
from rights.erasures import queries
from rights.erasures.models import Erasure
from rights.erasures.queries import is_open
from rights.erasures.rules import Why
from rights.requests.models import RightsRequest
from rights.requests.queries import request_of
from rights.requests.rules import OPEN, RequestKind
from rights.requests.services import done_by_erasure, forget_words
from volunteers.models import Volunteer

WORKING = (Role.DPO, Role.COORDINATOR)


def ask_for_child(child_uid: str, why: Why, *, by: Actor) -> str:
    """Ask for the erasure of a child's file one answers for; return its uid."""
    with transaction():
        child = locked(child_uid, by, Role.COORDINATOR)
        return _ask(child, why, by=by, child_id=child.id)


def ask_for_request(request_uid: str, *, by: Actor) -> str:
    """Ask for what a request for deletion is about to be erased; return its uid.

    Raises NotYours, RuleBroken.
    """
    with transaction() as session:
        request = request_of(request_uid, by, *WORKING)
        if request.kind is not RequestKind.DELETE or request.state not in OPEN:
            raise RuleBroken(_("这不是一项还开着的删除请求"))
        if request.child_id is not None:
            with seeing(only(request.child_id)):
                child = session.scalars(select(Child).where(Child.id == request.child_id)).one()
            if child.erased_on is not None:
                raise RuleBroken(_("这份档案已经删除"))
            return _ask(child, Why.REQUEST, by=by, child_id=child.id, request_id=request.id)
        return _ask(
            request,
            Why.REQUEST,
            by=by,
            volunteer_id=request.volunteer_id,
            request_id=request.id,
        )


def carry_out(uid: str, *, by: Actor) -> None:
    """Erase, as somebody else than whoever asked. Raises NotYours, RuleBroken.

    The WHERE is the lock: it names the two people and the hold, so that neither can change
    between a look and the deed.
    """
    with transaction() as session:
        found = queries.erasure(uid, by)
        if found.asked_by_id == by.id:
            raise RuleBroken(_("要由另一个人执行：提出的人不能自己删除"))
        _refuse_what_is_held(found)
        taken = session.scalar(
            update(Erasure)
            .where(
                Erasure.id == found.id,
                is_open(),
                Erasure.asked_by_id != by.id,
                Erasure.hold_reason == found.hold_reason,
                Erasure.held_until.is_not_distinct_from(found.held_until),
            )
            .values(carried_out_by_id=by.id, carried_out_at=clock.now())
            .returning(Erasure.id)
        )
        if taken is None:
            raise RuleBroken(_("这项删除已经办过或撤销了"))
        if found.child_id is not None:
            with seeing(only(found.child_id)):  # a DPO reads no file and still erases one
                _erase_child(found.child_id, by=by)
        elif found.volunteer_id is not None:
            _erase_volunteer(found.volunteer_id, by=by)
        if found.request_id is not None:
            done_by_erasure(found.request_id, by=by)


def hold(uid: str, reason: str, until: date | None, *, by: Actor) -> None:
    """Keep an erasure back because the law keeps the file; an empty reason lifts it."""
    with transaction() as session:
        found = queries.erasure(uid, by, Role.DPO)
        held = session.scalar(
            update(Erasure)
            .where(Erasure.id == found.id, is_open())
            .values(hold_reason=reason[:200], held_until=until)
            .returning(Erasure.id)
        )
        if held is None:
            raise RuleBroken(_("这项删除已经办过或撤销了"))
        action = "erasure_held" if reason else "erasure_hold_lifted"
        audit.record(action, "erasure", uid, by=by.id)


def call_off(uid: str, *, by: Actor) -> None:
    """Take an erasure back that has not been carried out. Raises NotYours, RuleBroken.

    What the law keeps back, only the data protection officer takes back: asked for anew, it would
    stand there without its hold.
    """
    with transaction() as session:
        found = queries.erasure(uid, by)
        if not queries.is_theirs(found, by, Role.DPO):
            _refuse_what_is_held(found)
        ended = session.scalar(
            update(Erasure)
            .where(
                Erasure.id == found.id,
                is_open(),
                Erasure.hold_reason == found.hold_reason,
                Erasure.held_until.is_not_distinct_from(found.held_until),
            )
            .values(called_off_by_id=by.id, called_off_at=clock.now())
            .returning(Erasure.id)
        )
        if ended is None:
            raise RuleBroken(_("这项删除已经办过或撤销了"))
        audit.record("erasure_called_off", "erasure", uid, by=by.id)


def _refuse_what_is_held(found: Erasure) -> None:
    if found.hold_reason and (found.held_until or date.max) >= clock.today():
        raise RuleBroken(_("依法暂不删除：%(why)s", why=found.hold_reason))


def _ask(at: queries.HasPlace, why: Why, *, by: Actor, **about: int | None) -> str:
    uid = ids.uid()
    made = insert_once(
        Erasure,
        uid=uid,
        why=why,
        county_id=at.county_id,
        township_id=at.township_id,
        village_id=at.village_id,
        asked_by_id=by.id,
        asked_at=clock.now(),
        hold_reason="",
        **about,
    )
    if made is None:
        raise RuleBroken(_("已经有人提出删除，等另一个人执行"))
    audit.record("erasure_asked", "erasure", uid, by=by.id)
    return uid


def _erase_child(child_id: int, *, by: Actor) -> None:
    with transaction() as session:
        uid = session.scalars(select(Child.uid).where(Child.id == child_id)).one()
        pairings.forgetting.services.forget_child(child_id)
        visits.forgetting.services.forget_child(child_id)
        children.forgetting.services.forget(child_id)
        forget_words(RightsRequest.child_id == child_id)
        children.sealed.services.erase(child_id, by=by)
        audit.record("child_erased", "child", uid, by=by.id)


def _erase_volunteer(volunteer_id: int, *, by: Actor) -> None:
    with transaction() as session:
        uid = session.scalars(select(Volunteer.uid).where(Volunteer.id == volunteer_id)).one()
        forget_words(RightsRequest.volunteer_id == volunteer_id)
        person_id = volunteers.forgetting.services.forget(volunteer_id)
        campaigns.forgetting.services.forget(person_id)
        messages.forgetting.services.forget(person_id)
        messages.contacts.services.forget(person_id)
        visits.forgetting.services.forget_person(person_id)
        accounts.forgetting.services.forget(person_id, by=by)
        audit.record("volunteer_erased", "volunteer", uid, by=by.id)
