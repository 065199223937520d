"""The protection network, for everybody."""

from collections.abc import Iterable

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from core.access import EVERYONE, allow
from core.shelf import shelved
from places import queries
from places.models import Organisation
from places.queries import CountyNetwork, shown
from places.rules import OrgKind

bp = Blueprint("places", __name__)
AT_THE_CITY = (OrgKind.BUREAU, OrgKind.COMMITTEE_OFFICE, OrgKind.CENTER, OrgKind.WELFARE_HOME)
STEPS = 4


def some_seconds_old() -> str:
    """Return the one version of numbers of a network that is loaded by hand, once in a while."""
    return "network"


@bp.get("/network")
@allow(EVERYONE)
@shelved(some_seconds_old)
def network() -> ResponseReturnValue:
    counties = queries.network()
    cities = {row.county.parent_id for row in counties}
    at_the_city = [org for org in queries.organisations(AT_THE_CITY) if org.area_id in cities]
    names = {row.county.id: shown(row.county.name, row.county.name_en) for row in counties}
    return render_template(
        "places/network.html",
        counties=counties,
        names=names,
        tiles=_tiles(counties, names),
        total=queries.total(counties),
        city=_as_loaded(at_the_city),
        city_centres=sum(org.kind is OrgKind.CENTER for org in at_the_city),
        units=_as_loaded(queries.organisations([OrgKind.MEMBER_UNIT])),
        shown=shown,
    )


def _as_loaded(organisations: Iterable[Organisation]) -> list[Organisation]:
    """Return organisations in the order of their file: the committee's, not the alphabet's."""
    return sorted(organisations, key=lambda org: org.id)


def _tiles(
    counties: list[CountyNetwork], names: dict[int, str]
) -> list[tuple[int, int, str, int, int]]:
    """Return (column, row, name, stations, shade) of every county that is on the map."""
    most = max((row.stations for row in counties), default=0)
    return [
        (
            row.county.tile_column,
            row.county.tile_row,
            names[row.county.id],
            row.stations,
            -(-row.stations * STEPS // most) if most else 0,
        )
        for row in counties
        if row.county.tile_column is not None and row.county.tile_row is not None
    ]
