"""What pages show of visits, always within what the person answers for or takes part in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from accounts.models import Person
from accounts.rules import Actor, Role
from children.models import Child
from children.rules import AgeBand, Risk
from core.db import AnyRow, AnySelect, db
from core.errors import NotYours
from core.scopes import scope
from pairings.models import Pairing
from pairings.rules import LIVE
from pairings.rules import Stage as PairingStage
from places.queries import within
from visits.models import Party, Visit
from visits.planning.rules import Visited
from visits.rules import PartyRole
from volunteers.models import Volunteer
from volunteers.teams.models import Team, TeamMember
from volunteers.teams.queries import team_ids_of

STAFF = (
    Role.COORDINATOR,
    Role.CHILD_SUPERVISOR,
    Role.CHILD_DIRECTOR,
    Role.SAFEGUARDING_LEAD,
)
VOLUNTEERS = (Role.VOLUNTEER, Role.TEAM_LEADER)
PRESCHOOL = frozenset({AgeBand.A0_2, AgeBand.A3_5})


@scope(Visit)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody may see a visit: by place, or as one of the team."""
    by_place = within(Visit, actor.reaches(*STAFF))
    if not actor.has(*VOLUNTEERS) or actor.id is None:
        return by_place
    teams = select(Pairing.id).where(Pairing.team_id.in_(team_ids_of(actor.id)))
    return or_(by_place, Visit.pairing_id.in_(teams))


def led_teams(actor: Actor) -> AnySelect:
    """Return the ids of the teams somebody leads now."""
    return (
        select(TeamMember.team_id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .where(
            Volunteer.person_id == (actor.id if actor.has(Role.TEAM_LEADER) else None),
            TeamMember.team_id.in_(team_ids_of(actor.id)),
            TeamMember.leads,
            TeamMember.left_on.is_(None),
        )
    )


def planned_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody may move or cancel a visit."""
    led = select(Pairing.id).where(Pairing.team_id.in_(led_teams(actor)))
    return or_(within(Visit, actor.reaches(Role.COORDINATOR)), Visit.pairing_id.in_(led))


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who takes part in a visit."""

    party_id: int
    person_id: int
    volunteer_id: int | None
    role: PartyRole
    name: str
    phone: str | None
    leads: bool
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit as somebody sees it."""

    visit: Visit
    staff: bool
    coordinates: bool
    approves: bool
    plans: bool
    parties: tuple[Attendee, ...]
    me: Attendee | None

    @property
    def escort(self) -> Attendee | None:
        return next((one for one in self.parties if one.role is PartyRole.ESCORT), None)

    @property
    def members(self) -> tuple[Attendee, ...]:
        return tuple(one for one in self.parties if one.role is PartyRole.MEMBER)

    @property
    def escorts(self) -> bool:
        """Whether whoever looks is the escort and still answers for the place."""
        return self.staff and self.me is not None and self.me.role is PartyRole.ESCORT

    @property
    def receives(self) -> bool:
        """Whether whoever looks may confirm and check people in and out."""
        return self.escorts or self.coordinates

    @property
    def here(self) -> bool:
        """Whether somebody has come and not gone."""
        return any(one.checked_in_at and not one.checked_out_at for one in self.parties)

    def checks(self, who: Attendee, *, leaving: bool) -> bool:
        """Whether whoever looks may check somebody in or out without a code.

        A leader who has come does it for the other volunteers, and leaves without a code.
        """
        leads = self.me is not None and self.me.leads and self.me.checked_in_at is not None
        theirs = who.role is PartyRole.MEMBER and (leaving or who != self.me)
        return self.receives or (leads and theirs)


def seen(uid: str, actor: Actor) -> Seen:
    """Return a visit with everybody who takes part. Raises NotYours."""
    approvers = (Role.COORDINATOR, Role.CHILD_SUPERVISOR)
    row = db.session.execute(
        select(
            Visit,
            within(Visit, actor.reaches(*STAFF)).label("staff"),
            within(Visit, actor.reaches(Role.COORDINATOR)).label("coordinates"),
            within(Visit, actor.reaches(*approvers)).label("approves"),
            planned_by(actor).label("plans"),
        ).where(Visit.uid == uid, visible(actor))
    ).first()
    if row is None:
        raise NotYours
    parties = attendees(row.Visit)
    me = next((one for one in parties if one.person_id == actor.id), None)
    return Seen(
        row.Visit, bool(row.staff), bool(row.coordinates), bool(row.approves), bool(row.plans),
        parties, me,
    )  # fmt: skip


def to_change(uid: str, actor: Actor) -> Seen:
    """Return a visit for whoever may move it. Raises NotYours."""
    found = seen(uid, actor)
    if not found.plans:
        raise NotYours
    return found


def to_cancel(uid: str, actor: Actor) -> Seen:
    """Return a visit for whoever may call it off. Raises NotYours."""
    found = seen(uid, actor)
    if not (found.plans or found.receives):
        raise NotYours
    return found


def to_receive(uid: str, actor: Actor) -> Seen:
    """Return a visit for whoever receives its people. Raises NotYours."""
    found = seen(uid, actor)
    if not found.receives:
        raise NotYours
    return found


def attendees(visit: Visit) -> tuple[Attendee, ...]:
    """Return who takes part: the leader first, the escort last."""
    leads = and_(
        TeamMember.volunteer_id == Party.volunteer_id,
        TeamMember.team_id == Pairing.team_id,
        TeamMember.left_on.is_(None),
        TeamMember.leads,
    )
    found: Sequence[AnyRow] = db.session.execute(
        select(
            Party.id, Party.person_id, Party.volunteer_id, Party.role, Person.name, Person.phone,
            TeamMember.id.is_not(None), Party.checked_in_at, Party.checked_out_at, Party.tries,
        )
        .join(Person, Person.id == Party.person_id)
        .join(Pairing, Pairing.id == visit.pairing_id)
        .outerjoin(TeamMember, leads)
        .where(Party.visit_id == visit.id)
        .order_by(Party.id)
    ).all()  # fmt: skip
    people = [Attendee(*row) for row in found]
    return tuple(sorted(people, key=lambda one: (one.role is PartyRole.ESCORT, not one.leads)))


def packet(visit: Visit) -> AnyRow:
    """Return what the people of a visit have to know: of the child its alias and little more.

    Of a child that the reader no longer accompanies nothing is left, nor of one that is erased.
    """
    return db.session.execute(
        select(
            Child.alias,
            Child.age_band,
            Child.interests,
            Child.care_hint,
            Pairing.uid.label("pairing_uid"),
            Pairing.stage,
            Pairing.child_id,
            Pairing.campaign_id,
            Team.name.label("team"),
        )
        .select_from(Pairing)
        .outerjoin(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .where(Pairing.id == visit.pairing_id)
    ).one()


def visited(child_id: int) -> Visited:
    """Return what the rules ask of a child."""
    row = db.session.execute(
        select(Child.girl, Child.age_band, Child.boarding).where(Child.id == child_id)
    ).one()
    return Visited(row.girl, row.age_band not in PRESCHOOL, row.boarding, row.age_band)


def bands_of(child_ids: Collection[int]) -> tuple[AgeBand, ...]:
    """Return the ages of some children, for how many adults they take."""
    return tuple(db.session.scalars(select(Child.age_band).where(Child.id.in_(child_ids))))


def of_pupils(*, boarding: bool) -> ColumnElement[bool]:
    """Return the condition that a visit is to a pupil, of a boarding school or not."""
    theirs = (
        select(Pairing.id)
        .join(Child, Child.id == Pairing.child_id)
        .where(Child.age_band.not_in(PRESCHOOL), Child.boarding.is_(boarding))
    )
    return Visit.pairing_id.in_(theirs)


def risk_of(child_id: int) -> Risk:
    """Return a child's grade, for the presets that hang on it; no page shows it from here."""
    return db.session.scalars(select(Child.risk).where(Child.id == child_id)).one()


def alias_of(child_id: int) -> str:
    return db.session.scalars(select(Child.alias).where(Child.id == child_id)).one()


def by_alias() -> AnySelect:
    """Return the query of pairings as people call them: by their children's aliases."""
    return select(Pairing.uid, Child.alias).join(Child, Child.id == Pairing.child_id)


def still_paired(stage: PairingStage) -> bool:
    """Whether volunteers may still see whom they visit."""
    return stage in LIVE


def rows(actor: Actor) -> AnySelect:
    """Return the query of the visits somebody may see, as lists show them."""
    return (
        select(
            Visit.uid,
            Visit.id.label("visit_id"),
            Visit.joined_id,
            Visit.starts_at.label("starts"),
            Visit.ends_at.label("ends"),
            Visit.state,
            Visit.county_id,
            Visit.township_id,
            within(Visit, actor.reaches(*STAFF)).label("staff"),
            Pairing.stage,
            Child.alias,
            Team.name.label("team"),
        )
        .join(Pairing, Pairing.id == Visit.pairing_id)
        .outerjoin(Child, Child.id == Pairing.child_id)
        .join(Team, Team.id == Pairing.team_id)
        .where(visible(actor))
    )
