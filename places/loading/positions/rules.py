"""What a file of positions has to look like. Nothing here reads a clock or a database."""

from dataclasses import dataclass

from places.loading.rules import NBS_DIGITS, BadFile, Line, code_in, duplicates, each, lines_of

POSITION_COLUMNS = ("nbs_code", "east_m", "north_m")
FARTHEST = 1_000_000
"""Metres: nobody visits a child a thousand kilometres away."""


@dataclass(frozen=True, slots=True)
class PositionLine:
    """Roughly where an area lies, in metres east and north of the city's seat."""

    number: int
    nbs_code: str
    east: int
    north: int


def positions_of(raw: bytes) -> list[PositionLine]:
    """Return where the areas of a file lie. Raises BadFile."""
    rows = each(lines_of(raw, POSITION_COLUMNS), _position)
    if problems := duplicates(rows, lambda row: row.nbs_code, "nbs_code"):
        raise BadFile(problems)
    return rows


def _position(line: Line) -> PositionLine:
    code = line["nbs_code"]
    if len(code) not in NBS_DIGITS.values():
        raise ValueError(f"nbs_code {code!r} is none of an area")
    return PositionLine(
        line.number, code_in(line, "nbs_code", len(code)),
        _metres(line, "east_m"), _metres(line, "north_m"),
    )  # fmt: skip


def _metres(line: Line, column: str) -> int:
    given = line[column]
    digits = given.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and int(digits[:8]) <= FARTHEST):
        raise ValueError(f"{column} {given!r} is not metres within {FARTHEST}")
    return int(given)
