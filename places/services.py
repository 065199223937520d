"""Loading a city: its areas, its network and its member units, each file whole or not at all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core import ids
from core.db import db, transaction
from places.loading.positions.rules import positions_of
from places.loading.rules import (
    TOP_DOWN,
    AreaLine,
    BadFile,
    NetworkLine,
    UnitLine,
    areas_of,
    is_town,
    network_of,
    order,
    units_of,
)
from places.models import Area, Organisation, Post
from places.rules import Level, OrgKind, PostKind

OWN_CITY = Path(__file__).parent / "data" / "jinzhong"
CENTRE, CENTRE_EN = "未成年人救助保护中心", "Minors' Rescue and Protection Centre"
OF_A_CITY = {
    OrgKind.BUREAU: ("民政局", "Civil Affairs Bureau"),
    OrgKind.COMMITTEE_OFFICE: (
        "未成年人保护工作委员会办公室",
        "Office of the Committee for the Protection of Minors",
    ),
    OrgKind.CENTER: (CENTRE, CENTRE_EN),
    OrgKind.WELFARE_HOME: ("儿童福利院", "Children's Home"),
}
STATION = "未成年人保护工作站"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file has changed."""

    added: int
    updated: int = 0


def load_own_city() -> None:
    """Load the city that comes with the product."""
    with transaction():
        load_areas((OWN_CITY / "areas.csv").read_bytes())
        load_positions((OWN_CITY / "positions.csv").read_bytes())
        load_network((OWN_CITY / "network.csv").read_bytes())
        load_units((OWN_CITY / "member_units.csv").read_bytes())


def load_areas(raw: bytes) -> Loaded:
    """Add the areas of a file, update those whose code is known. Raises BadFile."""
    with transaction() as session:
        known = {area.nbs_code: area for area in session.scalars(select(Area))}
        lines = areas_of(raw, {code: area.level for code, area in known.items()})
        area_ids = {code: area.id for code, area in known.items()}
        changed = [
            {"id": area_ids[line.nbs_code]} | values
            for line in lines
            if line.nbs_code in known
            and _differs(known[line.nbs_code], values := _values(line, area_ids))
        ]
        if changed:
            session.execute(update(Area), changed)
        fresh = [line for line in lines if line.nbs_code not in known]
        for level in TOP_DOWN:
            _add_areas(session, [line for line in fresh if line.level is level], area_ids)
    return Loaded(added=len(fresh), updated=len(changed))


def _add_areas(session: Session, lines: Sequence[AreaLine], area_ids: dict[str, int]) -> None:
    """Add areas of one level, and learn the ids they got: their children need them."""
    if not lines:
        return
    session.execute(insert(Area), [_values(line, area_ids) for line in lines])
    rows = session.execute(select(Area.nbs_code, Area.id).where(Area.level == lines[0].level))
    area_ids.update((row.nbs_code, row.id) for row in rows)


def _values(line: AreaLine, area_ids: dict[str, int]) -> dict[str, object]:
    column, row = line.tile or (None, None)
    return {
        "level": line.level,
        "name": line.name,
        "name_en": line.name_en,
        "parent_id": area_ids.get(line.parent or ""),
        "nbs_code": line.nbs_code,
        "mca_code": line.mca_code,
        "tile_column": column,
        "tile_row": row,
    }


def _differs(area: Area, values: dict[str, object]) -> bool:
    return any(getattr(area, name) != value for name, value in values.items())


def load_positions(raw: bytes) -> Loaded:
    """Set where the areas of a file roughly lie. Raises BadFile."""
    with transaction() as session:
        rows = positions_of(raw)
        found = session.execute(select(Area.nbs_code, Area.id, Area.east_m, Area.north_m))
        known = {row.nbs_code: row for row in found}
        unknown = [row for row in rows if row.nbs_code not in known]
        if unknown:
            raise BadFile((row.number, f"the area {row.nbs_code} is unknown") for row in unknown)
        changed = [
            {"id": known[row.nbs_code].id, "east_m": row.east, "north_m": row.north}
            for row in rows
            if (row.east, row.north) != known[row.nbs_code][2:]
        ]
        if changed:
            session.execute(update(Area), changed)
    return Loaded(added=0, updated=len(changed))


def load_network(raw: bytes) -> Loaded:
    """Give each county of a file its centre, stations and posts. Raises BadFile.

    What is there already stays; a county that has more than the file says refuses the file.
    """
    with transaction() as session:
        network = _Network(session)
        problems = []
        for line in network_of(raw):
            try:
                network.fill(line)
            except ValueError as error:
                problems.append((line.number, str(error)))
        if problems:
            raise BadFile(problems)
        return Loaded(added=network.added)


class _Network:
    """Fills counties with organisations and posts, keeping those that are there."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._organisations = {
            (org.kind, org.area_id): org for org in session.scalars(select(Organisation))
        }
        self._posts = {(post.kind, post.area_id) for post in session.scalars(select(Post))}
        self.added = 0

    def fill(self, line: NetworkLine) -> None:
        """Raise ValueError when the county has no room for what the line asks."""
        county = self._session.scalar(select(Area).where(Area.nbs_code == line.nbs_code))
        if county is None or county.parent_id is None:
            raise ValueError(f"the county {line.nbs_code} is unknown: load its areas first")
        centre = self._centre(county, self._session.get_one(Area, county.parent_id))
        townships = self._below([county])
        for town in self._chosen(
            [area for area in townships if is_town(area.name)],
            {area_id for kind, area_id in self._organisations if kind is OrgKind.STATION},
            line.stations,
        ):
            self._organisation(OrgKind.STATION, town, town.name + STATION, parent=centre)
        self._fill_posts(PostKind.CHILD_SUPERVISOR, townships, line.supervisors)
        self._fill_posts(PostKind.CHILD_DIRECTOR, self._below(townships), line.directors)

    def _centre(self, county: Area, city: Area) -> Organisation:
        found: Organisation | None = None
        for kind, (name, name_en) in OF_A_CITY.items():
            bureau = self._organisations.get((OrgKind.BUREAU, city.id))
            made = self._organisation(kind, city, city.name + name, parent=bureau)
            made.name_en = made.name_en or f"{city.name_en} {name_en}".strip()
            found = made if kind is OrgKind.CENTER else found
        centre = self._organisation(OrgKind.CENTER, county, county.name + CENTRE, parent=found)
        centre.name_en = centre.name_en or f"{county.name_en} {CENTRE_EN}".strip()
        return centre

    def _organisation(
        self, kind: OrgKind, area: Area, name: str, *, parent: Organisation | None
    ) -> Organisation:
        found = self._organisations.get((kind, area.id))
        if found is None:
            found = Organisation(
                uid=own_name(kind, area.nbs_code, name),
                kind=kind,
                name=name,
                name_en="",
                area_id=area.id,
                parent_id=parent.id if parent else None,
            )
            self._session.add(found)
            self._session.flush()
            self._organisations[kind, area.id] = found
            self.added += 1
        return found

    def _below(self, above: Sequence[Area]) -> Sequence[Area]:
        """Return the areas right below, those that get a post first at the front."""
        ranks = {area.id: (order(area.name), area.nbs_code) for area in above}
        areas = self._session.scalars(select(Area).where(Area.parent_id.in_(ranks))).all()
        if above and above[0].level is Level.COUNTY:
            return sorted(areas, key=lambda area: (order(area.name), area.nbs_code))
        return sorted(areas, key=lambda area: (ranks[area.parent_id or 0], area.nbs_code))

    def _fill_posts(self, kind: PostKind, areas: Sequence[Area], wanted: int) -> None:
        taken = {area_id for held, area_id in self._posts if held is kind}
        chosen = self._chosen(areas, taken, wanted)
        self._session.add_all([Post(kind=kind, area_id=area.id) for area in chosen])
        self.added += len(chosen)

    @staticmethod
    def _chosen(areas: Sequence[Area], taken: set[int], wanted: int) -> Sequence[Area]:
        """Return the areas that are still to get one, so that in the end `wanted` have it."""
        held = [area for area in areas if area.id in taken]
        if wanted > len(areas):
            raise ValueError(f"asks for {wanted} where there are {len(areas)} places")
        if len(held) > wanted:
            raise ValueError(f"asks for {wanted}, but {len(held)} are there already")
        return [area for area in areas if area.id not in taken][: wanted - len(held)]


def load_units(raw: bytes) -> Loaded:
    """Add the member units of a file; a known one takes the file's English name."""
    with transaction() as session:
        lines = units_of(raw)
        cities = {
            area.nbs_code: area.id
            for area in session.scalars(select(Area).where(Area.level == Level.CITY))
        }
        unknown = [line for line in lines if line.area_code not in cities]
        if unknown:
            raise BadFile((line.number, f"{line.area_code} is no city here") for line in unknown)
        results = Counter(_unit(line, cities[line.area_code]) for line in lines)
    return Loaded(added=results["added"], updated=results["updated"])


def _unit(line: UnitLine, area_id: int) -> str:
    found = db.session.scalar(
        select(Organisation).where(
            Organisation.kind == OrgKind.MEMBER_UNIT,
            Organisation.area_id == area_id,
            Organisation.name == line.name,
        )
    )
    if found is None:
        db.session.add(
            Organisation(
                uid=own_name(OrgKind.MEMBER_UNIT, line.area_code, line.name),
                kind=OrgKind.MEMBER_UNIT,
                name=line.name,
                name_en=line.name_en,
                area_id=area_id,
            )
        )
        return "added"
    changed = found.name_en != line.name_en
    found.name_en = line.name_en
    return "updated" if changed else "kept"


def own_name(kind: OrgKind, code: str, name: str) -> str:
    """Return the public name of an organisation of the network: the same on every site."""
    return ids.digest(f"{kind.value}/{code}/{name}")[:22]
