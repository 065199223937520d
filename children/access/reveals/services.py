"""Showing sealed fields of one child once: reason, ground, limit, trace and alarm in one deed.

A refusal is returned, not raised: what it leaves behind (its row, its alert) has to be kept.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from accounts.models import Person
from accounts.rules import Actor
from children.access import queries
from children.access.decoys.services import touched_by_id
from children.access.models import AccessGrant, Reveal
from children.access.queries import Known
from children.access.rules import Ground, Reason, Standing, believed, ground, without_ground
from children.access.services import Asked, with_present_rights
from children.models import Child
from children.sealed.rules import SealedField
from children.sealed.services import opened
from core import audit, clock
from core.audit import AuditRow
from core.db import transaction
from core.errors import NotYours
from core.parameters import value_on
from messages.alerts.rules import AlertKind
from messages.alerts.services import raise_alert

HOUR = timedelta(hours=1)
Assigned = Callable[[int, Actor, datetime], bool]
"""Whether a visit to the child that somebody escorts or coordinates is in its time window."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking to see: the texts, or what there is no ground for, or an end to it."""

    shown: dict[SealedField, str] = field(default_factory=dict)
    refused: tuple[SealedField, ...] = ()
    stopped: bool = False


def stands(child_uid: str, *, by: Actor, assigned: Assigned) -> tuple[Known, Standing]:
    """Return a child and how somebody stands to it now; a decoy raises the alarm. Raises NotYours.

    Of the child only the alias is told here, so nothing else is kept of it.
    """
    me = with_present_rights(by)
    with queries.reaching(child_uid, me), transaction():
        found = queries.known(child_uid, me)
        touched_by_id(found.id, by=me)
        return found, _standing(found, me, assigned)[0]


def reveal(child_uid: str, asked: Asked, *, by: Actor, assigned: Assigned) -> Outcome:
    """Return the fields' texts, once, or why not. Raises NotYours.

    The person's row is the lock: of any number of reveals at the same moment no more pass than
    an hour allows.
    """
    with transaction():
        me, person_uid = _locked(by)
        with queries.reaching(child_uid, me):
            found = queries.known(child_uid, me)
            return _revealed(found, asked, assigned, by=me, person_uid=person_uid)


def copy_out(child: Child, request_uid: str, *, by: Actor) -> dict[SealedField, str] | None:
    """Open the sealed part for a copy on paper; None when an hour allows no more. Raises NotYours.

    It counts as a reveal of the one who prints. Where it stops the caller's transaction has to end
    well: an exception would take row and alert back.
    """
    with transaction() as session:
        _me, person_uid = _locked(by)
        if _has_seen_enough(by):
            audit.record("reveal_stopped", "child", child.uid, by=by.id, reason=request_uid)
            _alarm(person_uid, child.county_id, by)
            return None
        texts = opened(child.id, list(SealedField))
        session.add(
            Reveal(
                child_id=child.id,
                person_id=by.id,
                at=clock.now(),
                ground=Ground.REQUEST,
                reason=Reason.OTHER,
                fields=_names(texts),
            )
        )
        audit.record(
            "child_copied", "child", child.uid, by=by.id, fields=_names(texts), reason=request_uid
        )
    return texts


def _revealed(
    found: Known, asked: Asked, assigned: Assigned, *, by: Actor, person_uid: str
) -> Outcome:
    with transaction():
        touched_by_id(found.id, by=by)
        if _has_seen_enough(by):
            return _stopped(found, person_uid, asked, by)
        standing, grants = _standing(found, by, assigned)
        refused = without_ground(asked.fields, standing)
        if refused:
            _trace("reveal_denied", found, refused, asked, by=by)
            return Outcome(refused=refused)
        _keep(found, asked, standing, grants, by=by)
        return Outcome(opened(found.id, asked.fields))


def _locked(by: Actor) -> tuple[Actor, str]:
    """Return somebody with the roles of this moment, their row locked. Raises NotYours."""
    with transaction() as session:
        row = session.execute(
            select(Person.uid, Person.disabled_at).where(Person.id == by.id).with_for_update()
        ).one()
        if row.disabled_at is not None:
            raise NotYours
        return with_present_rights(by), row.uid


def _has_seen_enough(by: Actor) -> bool:
    most = int(value_on("children.reveals_an_hour", clock.today()))
    return queries.revealed_since(by.id or 0, clock.now() - HOUR) >= most


def _stopped(found: Known, person_uid: str, asked: Asked, by: Actor) -> Outcome:
    _trace("reveal_stopped", found, asked.fields, asked, by=by)
    _alarm(person_uid, found.spot.county_id, by)
    return Outcome(stopped=True)


def _alarm(person_uid: str, county_id: int, by: Actor) -> None:
    kind = AlertKind.TOO_MANY_REVEALS
    raise_alert(kind, ref=person_uid, area_id=county_id, about_id=by.id)


def _standing(
    found: Known, by: Actor, assigned: Assigned
) -> tuple[Standing, Sequence[AccessGrant]]:
    now = clock.now()
    grants = queries.held_grants(found.id, by, now)
    visit = _clock_is_right(now) and assigned(found.id, by, now)
    return queries.standing(found, grants, visit=visit), grants


def _clock_is_right(now: datetime) -> bool:
    """Whether the clock has not been set back behind the audit: no window opens a second time.

    Grants remember by themselves; they remain the way in while a clock is being mended.
    """
    with transaction() as session:
        latest = session.scalar(select(func.max(AuditRow.at)))
    return latest is None or believed(now, latest)


def _keep(
    found: Known, asked: Asked, standing: Standing, grants: Sequence[AccessGrant], *, by: Actor
) -> None:
    grounds = {ground(name, standing) for name in asked.fields}
    used = [grant for grant in grants if Ground.GRANT in grounds]
    now = clock.now()
    with transaction() as session:
        session.add(
            Reveal(
                child_id=found.id,
                person_id=by.id,
                at=now,
                ground=next(one for one in reversed(Ground) if one in grounds),
                grant_id=used[0].id if used else None,
                reason=asked.reason,
                fields=_names(asked.fields),
            )
        )
        session.execute(
            update(AccessGrant)
            .where(AccessGrant.id.in_([grant.id for grant in used]), AccessGrant.seen_at < now)
            .values(seen_at=now)
        )
    _trace("child_revealed", found, asked.fields, asked, by=by)


def _trace(
    action: str, found: Known, fields: Collection[SealedField], asked: Asked, *, by: Actor
) -> None:
    audit.record(
        action,
        "child",
        found.uid,
        by=by.id,
        fields=_names(fields),
        reason=f"{asked.reason.value}: {asked.note}",
    )


def _names(fields: Collection[SealedField]) -> list[str]:
    return [name.value for name in SealedField if name in fields]
