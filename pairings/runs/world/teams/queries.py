"""The teams of a run's world: who is cleared until when, free when, and how much is left."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from children.models import Child
from core.db import AnyRow, db
from core.fences import everything
from core.zone import CHINA
from pairings.matching import model
from pairings.matching.model import Season, Term
from pairings.models import Pairing
from pairings.rules import LIVE, OVER, EndReason
from pairings.runs.world.rules import ENDLESS, NEVER, Figures, bits_of
from volunteers.evidence.queries import cleared
from volunteers.models import FreeTime, Volunteer
from volunteers.queries import add_slot
from volunteers.rules import Period, Sex, Slot, Status
from volunteers.teams.models import Team, TeamMember

OUT = frozenset({Status.SUSPENDED, Status.BARRED})
YEAR = 365


class Teams:
    """The teams that stand in some counties, with what each member can still do."""

    def __init__(
        self,
        made: Figures,
        term: Term,
        *,
        among: list[int],
        pairs: Mapping[int, int],
        besides: int | None,
    ) -> None:
        self._made, self._term, self._on = made, term, term.start
        self._here = (
            Team.dissolved_at.is_(None), TeamMember.left_on.is_(None), Team.county_id.in_(among)
        )  # fmt: skip
        self._rows: dict[int, list[AnyRow]] = defaultdict(list)
        self.of: dict[int, list[int]] = defaultdict(list)
        for row in self._members():
            self._rows[row.team_id].append(row)
            self.of[row.id].append(row.team_id)
        self.people = {team: frozenset(row.id for row in rows) for team, rows in self._rows.items()}
        self._pinned = Counter(pairs.values())
        self._load = _load(besides)
        self._free = slots_of(self._free_times())
        self._bands = _bands(among)

    def made(self) -> tuple[model.Team, ...]:
        return tuple(self._team(team, rows) for team, rows in self._rows.items())

    def _team(self, team: int, rows: Sequence[AnyRow]) -> model.Team:
        members = tuple(self._member(row, self._pinned[team]) for row in rows)
        first = rows[0]
        return model.Team(
            id=team,
            members=members,
            base=first.county_id,
            home=first.county_id,
            reach=self._made.reach,
            capacity=min(member.places for member in members),
            until=ENDLESS,
            years=(self._on - first.formed_at.astimezone(CHINA).date()).days // YEAR,
            bands=self._bands.get(team, frozenset()),
            flagged=any(row.status in OUT for row in rows),
        )

    def _member(self, row: AnyRow, pinned: int) -> model.Member:
        holds = row.status is Status.ACTIVE and row.cleared
        most = min(row.capacity, self._made.most_children)
        load = self._load.get(row.id, (0, 0))
        return model.Member(
            cleared_from=self._on if holds else ENDLESS,
            cleared_until=(row.until or ENDLESS) if holds else NEVER,
            woman=row.sex is Sex.FEMALE,
            training=min(3, 1 + load[1]),
            skills=frozenset(row.skills),
            languages=frozenset(),
            free=bits_of(self._free.get(row.id, ()), self._made.parts),
            places=max(0, most - load[0] + pinned),
        )

    def _members(self) -> Sequence[AnyRow]:
        among = select(TeamMember.volunteer_id).join(Team, Team.id == TeamMember.team_id)
        held = cleared(among.where(*self._here), self._on)
        return db.session.execute(
            select(
                TeamMember.team_id, Team.county_id, Team.formed_at, Volunteer.id, Volunteer.status,
                Volunteer.sex, Volunteer.skills, Volunteer.capacity,
                held.c.volunteer_id.is_not(None).label("cleared"), held.c.until,
            )
            .join(Team, Team.id == TeamMember.team_id)
            .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
            .outerjoin(held, held.c.volunteer_id == Volunteer.id)
            .where(*self._here)
            .order_by(TeamMember.team_id, TeamMember.id)
        ).all()  # fmt: skip

    def _free_times(self) -> Sequence[AnyRow]:
        period = Period.BREAK if self._term.season is Season.BREAK else Period.TERM
        among = select(TeamMember.volunteer_id).join(Team, Team.id == TeamMember.team_id)
        return db.session.execute(
            select(FreeTime.volunteer_id, FreeTime.weekday, FreeTime.start_minute,
                   FreeTime.end_minute)
            .where(
                FreeTime.volunteer_id.in_(among.where(*self._here)),
                FreeTime.period.in_([Period.ALWAYS, period]),
            )
            .order_by(FreeTime.weekday, FreeTime.start_minute)
        ).all()  # fmt: skip


def _load(besides: int | None) -> dict[int, tuple[int, int]]:
    """Return by volunteer how many children they accompany, and how many terms ended as agreed.

    Whoever has seen a term through counts as further trained: no other level is on record.
    """
    member = aliased(TeamMember)
    live = and_(Pairing.stage.in_(LIVE), member.left_on.is_(None), Pairing.id != (besides or 0))
    ended_on = func.date(Pairing.ended_at)
    there = and_(
        member.joined_on <= ended_on, or_(member.left_on.is_(None), member.left_on >= ended_on)
    )
    through = and_(Pairing.stage.in_(OVER), Pairing.end_reason == EndReason.TERM_OVER, there)
    rows = db.session.execute(
        select(
            member.volunteer_id,
            func.count().filter(live).label("live"),
            func.count().filter(through).label("through"),
        )
        .select_from(member)
        .join(Pairing, Pairing.team_id == member.team_id)
        .group_by(member.volunteer_id)
    )
    return {row.volunteer_id: (row.live, row.through) for row in rows}


def _bands(among: list[int]) -> dict[int, frozenset[str]]:
    """Return which ages each team is used to."""
    with everything():  # ages of whoever they were with, in any county; nobody in particular
        rows = db.session.execute(
            select(Pairing.team_id, Child.age_band)
            .join(Child, Child.id == Pairing.child_id)
            .join(Team, Team.id == Pairing.team_id)
            .where(Team.county_id.in_(among), Pairing.introduced_on.is_not(None))
            .distinct()
        ).all()
    found: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        found[row.team_id].add(row.age_band.value)
    return {team: frozenset(bands) for team, bands in found.items()}


def slots_of(rows: Iterable[AnyRow]) -> dict[int, list[Slot]]:
    """Return whose weekly stretches, joined where they touch."""
    free: dict[int, list[Slot]] = defaultdict(list)
    for whose, weekday, start, end in rows:
        add_slot(free[whose], Slot(weekday, start, end))
    return free
