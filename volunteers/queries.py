"""Reading volunteers: always by what the person asking answers for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Person
from accounts.rules import Actor, Role
from core.audit import AuditRow
from core.db import AnyRow, db
from core.errors import NotYours
from core.forms import UNTYPABLE
from core.scopes import scope
from places.models import Area, Organisation
from places.queries import shown
from places.rules import Level, Reach
from volunteers.evidence.needs.queries import needs_on, standings
from volunteers.models import Evidence, FreeTime, Volunteer
from volunteers.rules import Clearance, Period, Progress, Proof, Slot, clearance


def in_counties(
    county_id: InstrumentedAttribute[int], reaches: Iterable[Reach]
) -> ColumnElement[bool]:
    """Return the condition that a county lies in one of the areas; finer ones reach no county."""
    conditions = [_in_counties(county_id, reach) for reach in reaches]
    return or_(*conditions) if conditions else false()


def _in_counties(county_id: InstrumentedAttribute[int], reach: Reach) -> ColumnElement[bool]:
    if reach.level is Level.COUNTY:
        return county_id == reach.area_id
    if reach.level is Level.CITY:
        return county_id.in_(select(Area.id).where(Area.parent_id == reach.area_id))
    return false()


@scope(Volunteer)
def visible(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    """Return the condition that a volunteer is one this person answers for in these roles.

    An organisation's lead answers for its own members, the others for a county or the city.
    """
    conditions = [in_counties(Volunteer.county_id, actor.reaches(*set(roles) - {Role.ORG_LEAD}))]
    organisations = actor.organisations(*set(roles) & {Role.ORG_LEAD})
    if organisations:
        conditions.append(Volunteer.org_id.in_(sorted(organisations)))
    return or_(*conditions)


def called(q: str) -> ColumnElement[bool]:
    """Return the condition that a person's name holds the text, or its pinyin initials begin so.

    Somebody whose name can be read in several ways is found by each of them.
    """
    if UNTYPABLE.search(q):
        return false()
    initials = Volunteer.initials
    return or_(
        Person.name.contains(q, autoescape=True),
        initials.startswith(q.lower(), autoescape=True),
        initials.contains(f" {q.lower()}", autoescape=True),
    )


@dataclass(frozen=True, slots=True)
class File:
    """A volunteer with the person, the county and the organisation, read in one go."""

    volunteer: Volunteer
    person: Person
    county: Area
    org: Organisation | None

    @property
    def place(self) -> str:
        return shown(self.county.name, self.county.name_en)

    @property
    def org_name(self) -> str:
        """Return the organisation in the reader's language, or as it was typed."""
        return shown(self.org.name, self.org.name_en) if self.org else self.volunteer.org_text

    def is_under(self, actor: Actor, role: Role) -> bool:
        """Whether this person answers for the volunteer's county in that role."""
        above = {(Level.COUNTY, self.county.id), (Level.CITY, self.county.parent_id)}
        return any((reach.level, reach.area_id) in above for reach in actor.reaches(role))


def file(uid: str, actor: Actor, *roles: Role) -> File:
    """Return the file of a volunteer whose county this person answers for in one of the roles."""
    row = db.session.execute(
        select(Volunteer, Person, Area, Organisation)
        .join(Person, Person.id == Volunteer.person_id)
        .join(Area, Area.id == Volunteer.county_id)
        .outerjoin(Organisation, Organisation.id == Volunteer.org_id)
        .where(Volunteer.uid == uid, visible(actor, *roles))
    ).first()
    if row is None:
        raise NotYours
    return File(*row)


def own_or_under(uid: str, actor: Actor, *, lock: bool = False) -> Volunteer:
    """Return the volunteer one is, or one of the coordinator's county; locked for a service."""
    asked = select(Volunteer).where(
        Volunteer.uid == uid,
        or_(Volunteer.person_id == actor.id, visible(actor, Role.COORDINATOR)),
    )
    found = db.session.scalar(asked.with_for_update() if lock else asked)
    if found is None:
        raise NotYours
    return found


def name_of(uid: str) -> str:
    """Return the name of a volunteer the caller has found before."""
    named = select(Person.name).join(Volunteer, Volunteer.person_id == Person.id)
    return db.session.scalars(named.where(Volunteer.uid == uid)).one()


def volunteer_of(person_id: int | None) -> Volunteer | None:
    """Return the volunteer somebody is, if they are one."""
    return db.session.scalar(select(Volunteer).where(Volunteer.person_id == person_id))


def proofs_of(volunteer_ids: Iterable[int]) -> dict[int, list[Proof]]:
    """Return what clearance() asks for, for each of the volunteers: voided evidence left out."""
    ids = list(volunteer_ids)
    found: dict[int, list[Proof]] = {volunteer_id: [] for volunteer_id in ids}
    rows = db.session.execute(
        select(
            Evidence.volunteer_id,
            Evidence.kind,
            Evidence.outcome,
            Evidence.dated,
            Evidence.valid_until,
        ).where(Evidence.volunteer_id.in_(ids), Evidence.voided_at.is_(None))
    )
    for volunteer_id, kind, outcome, dated, until in rows:
        found[volunteer_id].append(Proof(kind, outcome, dated, until))
    return found


def clearances(volunteer_ids: Iterable[int], on: date) -> dict[int, Clearance]:
    """Return of each of the volunteers whether they may meet a child on a day.

    Every door asks this: nobody comes to a child by another way (docs/volunteers.md).
    """
    proofs, asked = proofs_of(volunteer_ids), needs_on(on)
    studies = standings(proofs, on) if asked.studies else {}
    found = {}
    for volunteer_id, held in proofs.items():
        standing = studies.get(volunteer_id)
        all_ = [*held, standing] if standing else held
        found[volunteer_id] = clearance(all_, on, asked.of(studies=volunteer_id in studies))
    return found


def progress_of(volunteer: Volunteer, on: date) -> Progress:
    """Return how far a volunteer has come by that day."""
    known = volunteer.sex is not None and volunteer.birth_year is not None
    return Progress(volunteer.status, known, clearances([volunteer.id], on)[volunteer.id])


def history(uid: str, *, most: int = 30) -> Sequence[AnyRow]:
    """Return what happened to a volunteer and who did it, the newest first."""
    return db.session.execute(
        select(AuditRow.at, AuditRow.action, AuditRow.fields, AuditRow.reason, Person.name)
        .outerjoin(Person, Person.id == AuditRow.actor_id)
        .where(AuditRow.ref == uid, AuditRow.kind == "volunteer")
        .order_by(AuditRow.id.desc())
        .limit(most)
    ).all()


def free_times(volunteer_id: int) -> Sequence[FreeTime]:
    return db.session.scalars(
        select(FreeTime)
        .where(FreeTime.volunteer_id == volunteer_id)
        .order_by(FreeTime.weekday, FreeTime.start_minute)
    ).all()


def free_slots(
    volunteer_ids: Iterable[int], *, during: Period | None = None
) -> dict[int, list[Slot]]:
    """Return when each of the volunteers is free in a week, no stretch overlapping another.

    With a period only what holds then, without one what holds in any.
    """
    ids = list(volunteer_ids)
    listed = (
        select(FreeTime.volunteer_id, FreeTime.weekday, FreeTime.start_minute, FreeTime.end_minute)
        .where(FreeTime.volunteer_id.in_(ids))
        .order_by(FreeTime.weekday, FreeTime.start_minute)
    )
    if during is not None:
        listed = listed.where(FreeTime.period.in_({Period.ALWAYS, during}))
    found: dict[int, list[Slot]] = defaultdict(list)
    for volunteer_id, weekday, start, end in db.session.execute(listed):
        add_slot(found[volunteer_id], Slot(weekday, start, end))
    return {volunteer_id: found[volunteer_id] for volunteer_id in ids}


def add_slot(slots: list[Slot], new: Slot) -> None:
    """Add a stretch that begins no earlier than the last one; joined when they touch."""
    last = slots[-1] if slots else None
    if last and last.weekday == new.weekday and new.start <= last.end:
        slots[-1] = Slot(last.weekday, last.start, max(last.end, new.end))
    else:
        slots.append(new)
