"""Reading places, and the condition that keeps everybody to their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.db import db
from core.i18n import in_english
from places.models import Area, AtPlace, Organisation, Post
from places.rules import Level, OrgKind, PostKind, Reach


def within(at: type[AtPlace], reaches: Iterable[Reach]) -> ColumnElement[bool]:
    """Return the condition that a row lies in one of the areas: none of them, no row.

    A row known only to its county is not within any of the county's townships.
    """
    conditions = [_within(at, reach) for reach in reaches]
    return or_(*conditions) if conditions else false()


def _within(at: type[AtPlace], reach: Reach) -> ColumnElement[bool]:
    if reach.level is Level.VILLAGE:
        return at.village_id == reach.area_id
    if reach.level is Level.TOWNSHIP:
        return at.township_id == reach.area_id
    if reach.level is Level.COUNTY:
        return at.county_id == reach.area_id
    if reach.level is Level.CITY:
        return at.county_id.in_(select(Area.id).where(Area.parent_id == reach.area_id))
    above = aliased(Area)
    counties = select(Area.id).join(above, Area.parent_id == above.id)
    return at.county_id.in_(counties.where(above.parent_id == reach.area_id))


def reached(named: InstrumentedAttribute[int | None], reach: Reach) -> ColumnElement[bool]:
    """Return the condition that a column names the area, or a county of it when it is a city."""
    own = named == reach.area_id
    if reach.level is not Level.CITY:
        return own
    return or_(own, named.in_(select(Area.id).where(Area.parent_id == reach.area_id)))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with the areas above it, as rows that lie at a place store them."""

    county_id: int
    township_id: int | None
    village_id: int | None


def spot_of(area_id: int) -> Spot:
    """Return where a county, township or village lies. Raises LookupError for anything above."""
    chain = [db.session.get_one(Area, area_id)]
    while chain[-1].level is not Level.COUNTY:
        parent_id = chain[-1].parent_id
        if parent_id is None:
            raise LookupError(f"area {area_id} lies above the counties")
        chain.append(db.session.get_one(Area, parent_id))
    by_level = {area.level: area.id for area in chain}
    return Spot(by_level[Level.COUNTY], by_level.get(Level.TOWNSHIP), by_level.get(Level.VILLAGE))


def shown(name: str, name_en: str) -> str:
    """Return the name in the reader's language; Chinese when there is no English one."""
    return name_en if in_english() and name_en else name


def in_language(
    name: InstrumentedAttribute[str], name_en: InstrumentedAttribute[str]
) -> ColumnElement[str]:
    """Return a column as `shown` does: what the reader's language calls each row."""
    return case((name_en != "", name_en), else_=name) if in_english() else name.expression


def area_names(area_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return the names of areas by id, in the reader's language; None is the empty text."""
    wanted = {area_id for area_id in area_ids if area_id}
    rows = db.session.execute(
        select(Area.id, Area.name, Area.name_en).where(Area.id.in_(wanted))
    ).all()
    return {None: ""} | {row.id: shown(row.name, row.name_en) for row in rows}


def area_paths(area_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return where areas lie, from the county down: many villages share a name."""
    wanted = {area_id for area_id in area_ids if area_id}
    above, top = aliased(Area), aliased(Area)
    rows = db.session.execute(
        select(Area, above, top)
        .outerjoin(above, above.id == Area.parent_id)
        .outerjoin(top, top.id == above.parent_id)
        .where(Area.id.in_(wanted))
    ).all()
    return {None: ""} | {row[0].id: _path(row[0], row[1:]) for row in rows}


def _path(area: Area, above: Iterable[Area | None]) -> str:
    inner = [one for one in above if one and one.level in {Level.COUNTY, Level.TOWNSHIP}]
    return " ".join(shown(one.name, one.name_en) for one in [*reversed(inner), area])


def counties() -> Sequence[Area]:
    """Return every county, in the order of their codes."""
    return db.session.scalars(
        select(Area).where(Area.level == Level.COUNTY).order_by(Area.nbs_code)
    ).all()


def below(area_id: int) -> Sequence[Area]:
    """Return the areas right below one, in the order of their codes."""
    return db.session.scalars(
        select(Area).where(Area.parent_id == area_id).order_by(Area.nbs_code)
    ).all()


def organisations(kinds: Iterable[OrgKind]) -> Sequence[Organisation]:
    """Return the organisations of these kinds, by name."""
    return db.session.scalars(
        select(Organisation).where(Organisation.kind.in_(list(kinds))).order_by(Organisation.name)
    ).all()


def named(text: str) -> Sequence[Area]:
    """Return the areas that names from large to small lead to: «榆次区 乌金山镇 流村».

    The first name may be of any level; each next one is looked up among all areas below.
    """
    words = text.replace("/", " ").replace("、", " ").split()
    found: Sequence[Area] = []
    for place, word in enumerate(words):
        step = select(Area).where(Area.name.startswith(word, autoescape=True)).limit(50)
        if place:
            step = step.where(Area.parent_id.in_([area.id for area in found]))
        found = db.session.scalars(step.order_by(Area.nbs_code)).all()
        exact = [area for area in found if area.name == word]
        found = exact or found
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of each there are in some counties."""

    centres: int
    stations: int
    supervisors: int
    directors: int


@dataclass(frozen=True, slots=True)
class CountyNetwork(Figures):
    """How many of each a county has."""

    county: Area


def network() -> list[CountyNetwork]:
    """Return the protection network of every county, in the order of their codes."""
    organisations = _by_county(Organisation.kind, Organisation.area_id)
    posts = _by_county(Post.kind, Post.area_id)
    return [
        CountyNetwork(
            centres=organisations.get((OrgKind.CENTER, county.id), 0),
            stations=organisations.get((OrgKind.STATION, county.id), 0),
            supervisors=posts.get((PostKind.CHILD_SUPERVISOR, county.id), 0),
            directors=posts.get((PostKind.CHILD_DIRECTOR, county.id), 0),
            county=county,
        )
        for county in counties()
    ]


def total(rows: Sequence[Figures]) -> Figures:
    """Return the sum of several counties' figures."""
    return Figures(
        sum(row.centres for row in rows),
        sum(row.stations for row in rows),
        sum(row.supervisors for row in rows),
        sum(row.directors for row in rows),
    )


def _by_county(
    kind: InstrumentedAttribute[Any], area_id: InstrumentedAttribute[int]
) -> dict[tuple[Any, int], int]:
    """Count rows by kind and the county that their area is or lies in."""
    above = aliased(Area)
    county = case(
        (Area.level == Level.COUNTY, Area.id),
        (Area.level == Level.TOWNSHIP, Area.parent_id),
        (Area.level == Level.VILLAGE, above.parent_id),
    )
    rows = db.session.execute(
        select(kind, county, func.count())
        .join(Area, Area.id == area_id)
        .outerjoin(above, above.id == Area.parent_id)
        .group_by(kind, county)
    )
    return {(row[0], row[1]): row[2] for row in rows}
