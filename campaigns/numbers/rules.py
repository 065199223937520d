"""The public numbers of a campaign, and how they are laid aside for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.rules import Cell, Table


@dataclass(frozen=True, slots=True)
class Figures:
    """What a campaign has reached, by the id of each county, as the public may know it."""

    joined: Mapping[int, int]
    pairings: Table
    visits: Table
    hours: Cell


def laid_aside(figures: Figures) -> dict[str, Any]:
    """Return the numbers as JSON holds them."""
    return {
        "joined": {str(area): count for area, count in figures.joined.items()},
        "pairings": _flat(figures.pairings),
        "visits": _flat(figures.visits),
        "hours": figures.hours.shown,
    }


def taken_up(kept: Mapping[str, Any]) -> Figures:
    """Return the numbers that were laid aside."""
    return Figures(
        {int(area): count for area, count in kept["joined"].items()},
        _table(kept["pairings"]),
        _table(kept["visits"]),
        Cell(kept["hours"]),
    )


def _flat(table: Table) -> dict[str, Any]:
    cells = {str(area): cell.shown for area, cell in table.cells.items()}
    return {"cells": cells, "total": table.total.shown}


def _table(kept: Mapping[str, Any]) -> Table:
    cells = {int(area): Cell(shown) for area, shown in kept["cells"].items()}
    return Table(cells, Cell(kept["total"]))
