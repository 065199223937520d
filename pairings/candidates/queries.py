"""Which teams could accompany a child: rows become the sides that matching ranks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from children.models import Child
from children.rules import Stretch
from core.db import AnyRow, db
from pairings.candidates.earlier import queries as earlier
from pairings.candidates.earlier.queries import RESTS
from pairings.matching.rules import Candidate, ChildSide, MemberSide, Rules, TeamSide, Weights, rank
from pairings.models import Pairing
from pairings.rules import LIVE, OVER, EndReason
from places.models import Area
from volunteers.evidence.queries import cleared
from volunteers.models import Volunteer
from volunteers.queries import free_slots
from volunteers.rules import Sex, Slot, Status
from volunteers.teams.models import Team, TeamMember


@dataclass(frozen=True, slots=True)
class Card:
    """A team as the board shows it."""

    uid: str
    name: str
    members: tuple[str, ...]
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Cards:
    """The teams for one child, the best first, and those a rule stands against."""

    suitable: list[Card]
    blocked: list[Card]


def cards(child: Child, free: Iterable[Stretch], values: Mapping[str, Any], *, on: date) -> Cards:
    """Return every team within reach of one child, ranked by the values that hold on the day."""
    rules = matching_rules(child, values)
    rows = _members(child, Team.county_id.in_(rules.counties), values, on=on)
    suitable, blocked = _rested(rank(child_side(child, free), _sides(rows), rules), rows)
    named: dict[int, tuple[str, str, list[str]]] = {}
    for row in rows:
        named.setdefault(row.id, (row.uid, row.name, []))[2].append(row.person)
    made = [
        [
            Card(uid, name, tuple(people), candidate)
            for candidate in half
            for uid, name, people in [named[candidate.team_id]]
        ]
        for half in (suitable, blocked)
    ]
    return Cards(*made)


def matching_rules(child: Child, values: Mapping[str, Any]) -> Rules:
    """Return the rules, with the counties a team may come from."""
    near = [code for pair in _pairs(values) for code in pair]
    if not near:
        return _rules(values, frozenset({child.county_id}))
    rows = db.session.execute(select(Area.nbs_code, Area.id).where(Area.nbs_code.in_(near)))
    ids = {row.nbs_code: row.id for row in rows}
    counties = {
        ids[other]
        for one, two in _pairs(values)
        for mine, other in ((one, two), (two, one))
        if ids.get(mine) == child.county_id and other in ids
    }
    return _rules(values, frozenset({child.county_id, *counties}))


def _rules(values: Mapping[str, Any], counties: frozenset[int]) -> Rules:
    """Put the dated values into rules; fewer than two adults is never a rule (domain.md §0.8)."""
    points = [int(value) for value in values["pairings.points"] if isinstance(value, int)]
    return Rules(
        counties=counties,
        fewest_adults=max(2, int(values["pairings.fewest_adults"])),
        least_minutes=int(values["pairings.least_minutes"]),
        most_children=int(values["volunteers.most_children"]),
        enough_minutes=int(values["pairings.enough_minutes"]),
        weights=Weights(*points) if len(points) == len(fields(Weights)) else Weights(),
    )


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of county codes between which teams may go."""
    split = [str(pair).split("-") for pair in values["pairings.neighbours"]]
    return [(pair[0], pair[1]) for pair in split if len(pair) == 2]


def child_side(child: Child, free: Iterable[Stretch]) -> ChildSide:
    slots = tuple(Slot(one.weekday, one.start, one.end) for one in free)
    return ChildSide(child.girl, child.county_id, frozenset(child.needs), slots)


def _members(
    child: Child,
    which: ColumnElement[bool],
    values: Mapping[str, Any],
    *,
    on: date,
    besides: int | None = None,
) -> Sequence[AnyRow]:
    """Return a row for each current member of the teams that stand."""
    rest = int(values["pairings.rest_days"])
    current = (Team.dissolved_at.is_(None), TeamMember.left_on.is_(None), which)
    among = select(TeamMember.volunteer_id).join(Team, Team.id == TeamMember.team_id)
    held = cleared(among.where(*current), on)
    return db.session.execute(
        select(
            Team.id,
            Team.uid,
            Team.name,
            Team.county_id,
            Volunteer.id.label("volunteer_id"),
            Volunteer.status,
            Volunteer.sex,
            Volunteer.county_id.label("home_id"),
            Volunteer.skills,
            Volunteer.capacity,
            Person.name.label("person"),
            held.c.volunteer_id.is_not(None).label("cleared"),
            _children_of_member(besides).label("children"),
            _parted_well(child).label("known"),
            earlier.refused(child.id, besides).label("refused"),
            earlier.rests(child.id, besides, on=on, days=rest).label("rests"),
        )
        .join(TeamMember, TeamMember.team_id == Team.id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .join(Person, Person.id == Volunteer.person_id)
        .outerjoin(held, held.c.volunteer_id == Volunteer.id)
        .where(*current)
        .order_by(Team.id, TeamMember.leads.desc(), TeamMember.id)
    ).all()


def _children_of_member(besides: int | None) -> ColumnElement[int]:
    """Return how many children a volunteer accompanies or is proposed for, in any team."""
    member = aliased(TeamMember)
    return (
        select(func.count())
        .select_from(member)
        .join(Pairing, Pairing.team_id == member.team_id)
        .where(
            member.volunteer_id == Volunteer.id,
            member.left_on.is_(None),
            Pairing.stage.in_(LIVE),
            Pairing.id != (besides or 0),
        )
        .correlate(Volunteer)
        .scalar_subquery()
    )


def _parted_well(child: Child) -> ColumnElement[bool]:
    return (
        select(Pairing.id)
        .where(
            Pairing.team_id == Team.id,
            Pairing.child_id == child.id,
            Pairing.stage.in_(OVER),
            Pairing.end_reason == EndReason.TERM_OVER,
        )
        .correlate(Team)
        .exists()
    )


def _rested(
    ranked: tuple[list[Candidate], list[Candidate]], rows: Sequence[AnyRow]
) -> tuple[list[Candidate], list[Candidate]]:
    """Put what suits aside while the child is left in peace after an end."""
    resting = {row.id for row in rows if row.rests}
    suitable, blocked = ranked
    waits = [replace(one, against=(RESTS,)) for one in suitable if one.team_id in resting]
    return [one for one in suitable if one.team_id not in resting], [*waits, *blocked]


def _sides(rows: Sequence[AnyRow]) -> list[TeamSide]:
    """Put the members' rows together into teams as matching sees them."""
    free = free_slots({row.volunteer_id for row in rows})
    teams: dict[int, list[AnyRow]] = {}
    for row in rows:
        teams.setdefault(row.id, []).append(row)
    return [
        TeamSide(
            id=team_id,
            county_id=found[0].county_id,
            members=tuple(
                MemberSide(
                    cleared=row.status is Status.ACTIVE and bool(row.cleared),
                    woman=row.sex is Sex.FEMALE,
                    county_id=row.home_id,
                    skills=frozenset(row.skills),
                    free=tuple(free[row.volunteer_id]),
                    children=row.children,
                    most=row.capacity,
                )
                for row in found
            ),
            known=bool(found[0].known),
            refused=bool(found[0].refused),
        )
        for team_id, found in teams.items()
    ]
