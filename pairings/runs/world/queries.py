"""The world a run matches, read in a fixed number of questions whatever its size.

Whoever calls it sees everything: a job or a rule, never a page on somebody's behalf. What goes in
are ids, bits and numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from children.consents.queries import complete
from children.models import Child, ChildFreeTime
from children.rules import Category, NeedState, Risk
from core.db import AnyRow, db
from core.parameters import ParameterValue, values_on
from pairings.board.queries import end_of_school_year
from pairings.matching import model
from pairings.matching.model import Place, Season, Term, World
from pairings.models import Pairing
from pairings.rules import LIVE
from pairings.runs.world.before.queries import past, proposed, ruled_out
from pairings.runs.world.rules import SINCE, SKILLED, Earlier, Figures, bits_of, earlier, figures
from pairings.runs.world.standing.rules import pinned
from pairings.runs.world.teams.queries import Teams, slots_of
from places.models import Area
from places.rules import Level
from volunteers.rules import Slot

RISKS = {risk: grade for grade, risk in enumerate(Risk)}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose children, on which day, and for which run."""

    counties: tuple[int, ...]
    on: date
    run_id: int | None = None
    """The run that is made, which is compared with those before it."""
    child_id: int | None = None
    """Only this child, for the page about it."""
    besides: int | None = None
    """A pairing that is changed and does not count."""
    until: date | None = None
    """The last day of what is proposed; the end of the school year if nobody says."""


@dataclass(frozen=True, slots=True)
class Found:
    world: World
    figures: Figures
    county_of: Mapping[int, int]
    """The county of each child."""
    before: Mapping[int, int]
    """What the last run before had proposed: child to team."""


def found(asked: Asked) -> Found:
    """Return the world of some counties' children."""
    values = values_on(asked.on)
    areas = db.session.execute(
        select(Area.id, Area.level, Area.parent_id, Area.nbs_code, Area.east_m, Area.north_m)
    ).all()
    between = _between(values, areas)
    made = figures(values, _since(asked.on), between)
    near = {other for pair in between for other in pair if set(pair) & set(asked.counties)}
    term = Term(asked.on, _until(asked, values, made), _season(values))
    rows = _children(asked)
    pairs = {row.id: row.team_id for row in rows if row.team_id is not None}
    among = sorted({*asked.counties, *near})
    teams = Teams(made, term, among=among, pairs=pairs, besides=asked.besides)
    before = proposed(asked.counties, asked.run_id)
    children = _made_children(asked, rows, made, teams=teams, before=before)
    places = {place.id: place for place in _places(areas, made.rough)}
    world = World(term, made.policy, places, teams.made(), children)
    world = pinned(world, {child: team for child, team in pairs.items() if team in teams.people})
    return Found(world, made, {row.id: row.county_id for row in rows}, before)


def _until(asked: Asked, values: Mapping[str, Any], made: Figures) -> date:
    """Return until when everybody has to be cleared: not all papers last a whole school year."""
    end = asked.until or end_of_school_year(values, asked.on)
    return min(end, asked.on + timedelta(days=made.cleared_days))


def _season(values: Mapping[str, Any]) -> Season:
    return Season.BREAK if values["pairings.season"] == Season.BREAK else Season.TERM


def _since(on: date) -> date:
    """Return since when the figures hold."""
    last = select(func.max(ParameterValue.effective_from)).where(
        ParameterValue.effective_from <= on, ParameterValue.name.startswith("pairings.")
    )
    return db.session.scalar(last) or SINCE


def _between(values: Mapping[str, Any], areas: Sequence[AnyRow]) -> set[tuple[int, int]]:
    """Return between which counties teams may go, besides within each."""
    ids = {row.nbs_code: row.id for row in areas if row.level is Level.COUNTY}
    split = [str(pair).split("-") for pair in values["pairings.neighbours"]]
    return {
        (min(ids[one], ids[two]), max(ids[one], ids[two]))
        for one, two in (pair for pair in split if len(pair) == 2)
        if one in ids and two in ids
    }


def _places(areas: Sequence[AnyRow], rough: int) -> Iterable[Place]:
    """Yield counties and what is below them: without a position of its own, that of what is above.

    A county stands for anywhere in it, and may be off by as much.
    """
    by_id = {row.id: row for row in areas}
    for row in areas:
        if row.level not in {Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE}:
            continue
        chain = [row]
        while chain[-1].level is not Level.COUNTY:
            chain.append(by_id[chain[-1].parent_id])
        known = next((one for one in chain if one.east_m is not None), chain[-1])
        own = known is row and row.level is not Level.COUNTY
        yield Place(row.id, chain[-1].id, known.east_m, known.north_m, 0 if own else rough)


def _children(asked: Asked) -> Sequence[AnyRow]:
    """Return the children that may be matched, and those that have somebody, with their team."""
    together = and_(
        Pairing.child_id == Child.id,
        Pairing.stage.in_(LIVE),
        Pairing.id != (asked.besides or 0),
    )
    may = and_(Child.state == NeedState.OPEN, complete(asked.on))
    if asked.child_id is not None:
        may = or_(may, Child.id == asked.child_id)
    listed = (
        select(
            Child.id, Child.girl, Child.age_band, Child.risk, Child.category, Child.needs,
            Child.county_id, Child.township_id, Child.village_id, Child.open_since,
            Pairing.team_id,
        )
        .outerjoin(Pairing, together)
        .where(_here(asked), or_(Pairing.id.is_not(None), may))
        .order_by(Child.id)
    )  # fmt: skip
    return db.session.execute(listed).all()


def _here(asked: Asked) -> ColumnElement[bool]:
    here = Child.county_id.in_(asked.counties)
    return here if asked.child_id is None else and_(here, Child.id == asked.child_id)


def _made_children(
    asked: Asked,
    rows: Sequence[AnyRow],
    made: Figures,
    *,
    teams: Teams,
    before: Mapping[int, int],
) -> tuple[model.Child, ...]:
    free = _childrens_slots(asked)
    came_before, lost = past(_here(asked), on=asked.on, rest=made.rest, besides=asked.besides)
    barred = ruled_out(_here(asked))
    children = []
    for row in rows:
        if row.team_id is not None and row.team_id not in teams.people:
            continue
        came = earlier(came_before.get(row.id, ()), teams.people, teams.of)
        children.append(
            model.Child(
                id=row.id,
                girl=row.girl,
                band=row.age_band.value,
                risk=RISKS[row.risk],
                needs=frozenset(row.needs) & SKILLED,
                dialect="",
                languages=frozenset(),
                free=bits_of(free.get(row.id, ()), made.middles),
                spot=row.village_id or row.township_id or row.county_id,
                waiting=(asked.on - row.open_since).days if row.open_since else 0,
                institution=row.category is Category.ORPHAN,
                losses=lost[row.id],
                resting=came.resting,
                known=came.known,
                proposed=before.get(row.id),
                against=_against(came, barred.get(row.id, ())),
            )
        )
    return tuple(children)


def _against(came: Earlier, barred: Iterable[int]) -> tuple[tuple[int, model.Code], ...]:
    found = dict.fromkeys(barred, model.Code.FORBIDDEN) | dict(came.against)
    return tuple(sorted(found.items()))


def _childrens_slots(asked: Asked) -> dict[int, list[Slot]]:
    listed = (
        select(
            ChildFreeTime.child_id, ChildFreeTime.weekday,
            ChildFreeTime.start_minute, ChildFreeTime.end_minute,
        )
        .join(Child, Child.id == ChildFreeTime.child_id)
        .where(_here(asked))
        .order_by(ChildFreeTime.weekday, ChildFreeTime.start_minute)
    )  # fmt: skip
    return slots_of(db.session.execute(listed).all())
