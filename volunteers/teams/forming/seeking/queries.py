"""Who looks for a team, as the rules see them, and the dated figures that they go by."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from core.db import AnyRow, db
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter
from places.models import Area, Organisation
from places.rules import Level
from volunteers.evidence.queries import cleared
from volunteers.hours.queries import totals
from volunteers.models import Volunteer
from volunteers.queries import free_slots
from volunteers.rules import Period, Sex, Slot, Status
from volunteers.teams.forming.rules import Points, Terms, Why
from volunteers.teams.models import Team, TeamMember, TeamRefusal

Children: TypeAlias = Callable[[Iterable[int]], Mapping[int, int]]
"""How many children each of these teams accompanies or is proposed for: a higher room knows."""
_OWN = _l("本产品的设计")
PARAMETERS = (
    Parameter(
        "teams.points",
        [100, 40, 20, 20, 20],
        _l("两人成组的分数：成组本身、时间、有女性、距离、新老搭配"),
        _l("分"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "teams.least_minutes",
        60,
        _l("两个人每周至少共同空闲多少分钟，才能成一组"),
        _l("分钟"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "teams.enough_minutes",
        240,
        _l("两个人每周共同空闲多少分钟，时间项得满分"),
        _l("分钟"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "teams.farthest_tiles",
        3,
        _l("两个人的学校或家最多相隔几个县（示意地图上的格）"),
        _l("格"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
    Parameter(
        "teams.experienced_minutes",
        600,
        _l("服务满多少分钟算有经验"),
        _l("分钟"),
        _OWN,
        "D",
        Stricter.NO_MATTER,
    ),
)


def terms(values: Mapping[str, Any]) -> Terms:
    """Return the figures; points that nobody can read count as the declared ones."""
    points = [one for one in values["teams.points"] if isinstance(one, int) and one >= 0]
    return Terms(
        least_minutes=int(values["teams.least_minutes"]),
        enough_minutes=int(values["teams.enough_minutes"]),
        farthest=int(values["teams.farthest_tiles"]),
        points=Points(*points) if len(points) == len(fields(Points)) else Points(),
    )


@dataclass(frozen=True, slots=True)
class Seekers:
    """Who looks for a team in a county."""

    people: list[dict[str, Any]]
    """As forming.best.worker takes them."""
    barred: list[tuple[int, int, Why]]
    minutes: Mapping[int, int]
    """What each has served: the one with more is to lead."""
    settled: int


def seekers(
    county_id: int,
    values: Mapping[str, Any],
    *,
    on: date,
    children: Children,
    among: Collection[int] | None = None,
) -> Seekers:
    """Return the active volunteers of a county without a team, or who would join another one.

    With `among` only these of them.
    """
    here = (Volunteer.county_id == county_id) & (Volunteer.status == Status.ACTIVE)
    if among is not None:
        here &= Volunteer.id.in_(list(among))
    teams = _teams_of(here)
    everybody = _people(here, on)
    rows = [row for row in everybody if row.wants_team or row.id not in teams]
    ids = [row.id for row in rows]
    held = children({team_id for row in rows for team_id in teams.get(row.id, ())})
    served = totals(ids)
    term, breaks = (free_slots(ids, during=period) for period in (Period.TERM, Period.BREAK))
    people = []
    for row in rows:
        load = sum(max(1, held.get(team_id, 0)) for team_id in teams.get(row.id, ()))
        most = min(row.capacity, int(values["volunteers.most_children"]))
        people.append(
            {
                "id": row.id,
                "woman": row.sex is Sex.FEMALE,
                "experienced": served.get(row.id, 0) >= int(values["teams.experienced_minutes"]),
                **_base(row),
                "term": _plain(term[row.id]),
                "breaks": _plain(breaks[row.id]),
                "against": _against(row, full=load >= most),
            }
        )
    return Seekers(people, _barred(set(ids), teams), served, len(everybody) - len(rows))


def _against(row: AnyRow, *, full: bool) -> Why | None:
    """Return what keeps somebody from every team; a hit is not told from what has run out."""
    if not row.cleared:
        return Why.NOT_CLEARED
    return Why.FULL if full else None


def _teams_of(here: ColumnElement[bool]) -> dict[int, list[int]]:
    """Return the standing teams of each volunteer who is in any."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = db.session.execute(
        select(TeamMember.volunteer_id, TeamMember.team_id)
        .join(Team, Team.id == TeamMember.team_id)
        .join(Volunteer, Volunteer.id == TeamMember.volunteer_id)
        .where(here, TeamMember.left_on.is_(None), Team.dissolved_at.is_(None))
        .order_by(TeamMember.id)
    )
    for volunteer_id, team_id in rows:
        found[volunteer_id].append(team_id)
    return found


def _people(here: ColumnElement[bool], on: date) -> Sequence[AnyRow]:
    held = cleared(select(Volunteer.id).where(here), on)
    home, at = aliased(Area), aliased(Area)
    return db.session.execute(
        select(
            Volunteer.id, Volunteer.sex, Volunteer.capacity, Volunteer.wants_team,
            Volunteer.org_id, Organisation.parent_id, home.id.label("home_id"), home.tile_column,
            home.tile_row, at.id.label("at_id"), at.level, at.tile_column.label("at_column"),
            at.tile_row.label("at_row"), held.c.volunteer_id.is_not(None).label("cleared"),
        )
        .join(home, home.id == Volunteer.county_id)
        .outerjoin(Organisation, Organisation.id == Volunteer.org_id)
        .outerjoin(at, at.id == Organisation.area_id)
        .outerjoin(held, held.c.volunteer_id == Volunteer.id)
        .where(here)
        .order_by(Volunteer.id)
    ).all()  # fmt: skip


def _base(row: AnyRow) -> dict[str, Any]:
    """Return from where somebody comes: their school's county, if it lies in one, else home."""
    at_school = row.level is Level.COUNTY
    column, line = (row.at_column, row.at_row) if at_school else (row.tile_column, row.tile_row)
    return {
        "county_id": row.at_id if at_school else row.home_id,
        "org_id": row.org_id,
        "parent_id": row.parent_id,
        "tile": None if column is None else [column, line],
    }


def _plain(slots: Iterable[Slot]) -> list[list[int]]:
    return [[slot.weekday, slot.start, slot.end] for slot in slots]


def _barred(ids: set[int], teams: Mapping[int, Iterable[int]]) -> list[tuple[int, int, Why]]:
    """Return the pairs that may not be, the smaller id first."""
    rows = db.session.execute(
        select(TeamRefusal.one_id, TeamRefusal.two_id).where(TeamRefusal.one_id.in_(ids))
    )
    found = {(row.one_id, row.two_id): Why.REFUSED for row in rows if row.two_id in ids}
    members: dict[int, list[int]] = defaultdict(list)
    for volunteer_id in sorted(ids):
        for team_id in teams.get(volunteer_id, ()):
            members[team_id].append(volunteer_id)
    for together in members.values():
        for place, one in enumerate(together):
            found |= {(one, two): Why.TOGETHER for two in together[place + 1 :]}
    return [(one, two, why) for (one, two), why in sorted(found.items())]
