"""What files of places have to look like. Nothing here reads a clock or a database."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from places.rules import Level

AREA_COLUMNS = ("nbs_code", "mca_code", "level", "name", "name_en", "parent_nbs_code")
NETWORK_COLUMNS = ("nbs_code", "stations", "child_supervisors", "child_directors")
UNIT_COLUMNS = ("area_nbs_code", "name", "name_en")
TOP_DOWN = tuple(Level)
NBS_DIGITS = dict(zip(TOP_DOWN, (2, 4, 6, 9, 12), strict=True))
MCA_DIGITS = dict(zip(TOP_DOWN, (6, 6, 6, 9, 12), strict=True))
LONGEST_NAME = 60
LARGEST_FIGURE = 99_999
TOWNS = ("镇", "乡", "街道", "街道办事处")
ZONES = ("开发区", "示范区", "园区")


class BadFile(ValueError):
    """The file cannot be taken; each problem names its line and the reason."""

    def __init__(self, problems: Iterable[tuple[int, str]]) -> None:
        self.problems = tuple(f"line {line}: {reason}" for line, reason in sorted(problems))
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file by the names of its columns, with the line it begins on."""

    number: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


def lines_of(raw: bytes, columns: Sequence[str]) -> list[Line]:
    """Return the rows of a CSV file that has these columns. Raises BadFile."""
    reader = csv.reader(io.StringIO(_text(raw), newline=""), strict=True)
    found: list[Line] = []
    header: list[str] = []
    started = 1
    try:
        for cells in reader:
            if not header:
                header = _header(cells, columns)
            elif cells:
                found.append(Line(started, _by_name(header, cells, started)))
            started = reader.line_num + 1
    except csv.Error as error:
        raise BadFile([(reader.line_num, f"not a row of a CSV file ({error})")]) from error
    if not found:
        raise BadFile([(started, "there is no row")])
    return found


def _text(raw: bytes) -> str:
    if b"\0" in raw:
        raise BadFile([(_line_at(raw, raw.index(b"\0")), "holds a NUL character")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile([(_line_at(raw, error.start), "is not UTF-8")]) from error


def _line_at(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _header(cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    problems = [f"the column {column} is missing" for column in columns if column not in names]
    problems += [f"the column {name} is there twice" for name in columns if names.count(name) > 1]
    if problems:
        raise BadFile([(1, problem) for problem in problems])
    return names


def _by_name(header: Sequence[str], cells: Sequence[str], line: int) -> dict[str, str]:
    if len(cells) != len(header):
        raise BadFile([(line, f"{len(cells)} values for {len(header)} columns")])
    return dict(zip(header, (cell.strip() for cell in cells), strict=True))


Read = TypeVar("Read")


def each(lines: Sequence[Line], read: Callable[[Line], Read]) -> list[Read]:
    """Read every line, and complain about all bad ones together."""
    found: list[Read] = []
    problems: list[tuple[int, str]] = []
    for line in lines:
        try:
            found.append(read(line))
        except ValueError as error:
            problems.append((line.number, str(error)))
    if problems:
        raise BadFile(problems)
    return found


@dataclass(frozen=True, slots=True)
class AreaLine:
    number: int
    level: Level
    nbs_code: str
    mca_code: str | None
    name: str
    name_en: str
    parent: str | None
    tile: tuple[int, int] | None


def areas_of(raw: bytes, known: Mapping[str, Level]) -> list[AreaLine]:
    """Return the areas of a file, none above its parent. Raises BadFile.

    `known` are the codes that are there already: a parent is one of them or in the file.
    """
    areas = each(lines_of(raw, AREA_COLUMNS), _area)
    levels = dict(known) | {area.nbs_code: area.level for area in areas}
    problems = duplicates(areas, lambda area: area.nbs_code, "nbs_code")
    problems += duplicates(areas, lambda area: area.mca_code, "mca_code")
    for area in areas:
        if area.parent is not None and area.parent not in levels:
            problems.append((area.number, f"the parent {area.parent} is unknown"))
        elif area.parent is not None and levels[area.parent] is not _above(area.level):
            problems.append(
                (area.number, f"the parent {area.parent} is not of the level {_above(area.level)}")
            )
    if problems:
        raise BadFile(problems)
    return sorted(areas, key=lambda area: TOP_DOWN.index(area.level))


class Numbered(Protocol):
    """A row that knows its line."""

    @property
    def number(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)


def duplicates(
    areas: Sequence[Row], code: Callable[[Row], str | None], column: str
) -> list[tuple[int, str]]:
    """Return the lines whose code is on an earlier one."""
    first: dict[str, int] = {}
    problems = []
    for area in areas:
        given = code(area)
        if given is not None and first.setdefault(given, area.number) != area.number:
            problems.append((area.number, f"{column} {given} is on line {first[given]} already"))
    return problems


def _above(level: Level) -> Level:
    return TOP_DOWN[TOP_DOWN.index(level) - 1]


def _area(line: Line) -> AreaLine:
    if line["level"] not in set(Level):
        raise ValueError(f"the level {line['level']!r} is none of {', '.join(TOP_DOWN)}")
    level = Level(line["level"])
    parent = line["parent_nbs_code"] or None
    if (parent is None) is not (level is Level.PROVINCE):
        raise ValueError("every area but a province needs a parent_nbs_code")
    return AreaLine(
        number=line.number,
        level=level,
        nbs_code=code_in(line, "nbs_code", NBS_DIGITS[level]),
        mca_code=code_in(line, "mca_code", MCA_DIGITS[level]) if line["mca_code"] else None,
        name=_name(line, "name"),
        name_en=_name(line, "name_en") if line["name_en"] else "",
        parent=parent,
        tile=_tile(line),
    )


def code_in(line: Line, column: str, digits: int) -> str:
    given = line[column]
    if not (given.isascii() and given.isdigit() and len(given) == digits):
        raise ValueError(f"{column} {given!r} is not {digits} digits")
    return given


def _name(line: Line, column: str, longest: int = LONGEST_NAME) -> str:
    given = line[column]
    if not given:
        raise ValueError(f"the {column} is missing")
    if len(given) > longest or not given.isprintable():
        raise ValueError(f"the {column} is longer than {longest} characters or not printable")
    return given


def _figure(line: Line, column: str) -> int:
    given = line[column]
    if not (given.isascii() and given.isdigit() and int(given[:6]) <= LARGEST_FIGURE):
        raise ValueError(f"{column} {given!r} is not a number from 0 to {LARGEST_FIGURE}")
    return int(given)


def _tile(line: Line) -> tuple[int, int] | None:
    if not (line["tile_column"] or line["tile_row"]):
        return None
    return _figure(line, "tile_column"), _figure(line, "tile_row")


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """How many of each a county has."""

    number: int
    nbs_code: str
    stations: int
    supervisors: int
    directors: int


def network_of(raw: bytes) -> list[NetworkLine]:
    """Return the figures of a network file. Raises BadFile."""
    rows = each(lines_of(raw, NETWORK_COLUMNS), _network)
    seen: dict[str, int] = {}
    problems = [
        (row.number, f"nbs_code {row.nbs_code} is on line {seen[row.nbs_code]} already")
        for row in rows
        if seen.setdefault(row.nbs_code, row.number) != row.number
    ]
    if problems:
        raise BadFile(problems)
    return rows


def _network(line: Line) -> NetworkLine:
    return NetworkLine(
        number=line.number,
        nbs_code=code_in(line, "nbs_code", NBS_DIGITS[Level.COUNTY]),
        stations=_figure(line, "stations"),
        supervisors=_figure(line, "child_supervisors"),
        directors=_figure(line, "child_directors"),
    )


@dataclass(frozen=True, slots=True)
class UnitLine:
    number: int
    area_code: str
    name: str
    name_en: str


def units_of(raw: bytes) -> list[UnitLine]:
    """Return the member units of a file. Raises BadFile."""
    units = each(lines_of(raw, UNIT_COLUMNS), _unit)
    seen: dict[tuple[str, str], int] = {}
    problems = [
        (unit.number, f"{unit.name} is on line {seen[unit.area_code, unit.name]} already")
        for unit in units
        if seen.setdefault((unit.area_code, unit.name), unit.number) != unit.number
    ]
    if problems:
        raise BadFile(problems)
    return units


def _unit(line: Line) -> UnitLine:
    return UnitLine(
        number=line.number,
        area_code=code_in(line, "area_nbs_code", NBS_DIGITS[Level.CITY]),
        name=_name(line, "name"),
        name_en=_name(line, "name_en", 120) if line["name_en"] else "",
    )


def is_town(name: str) -> bool:
    """Whether a township row is a town, a township or a sub-district, not a zone or a district."""
    return name.endswith(TOWNS)


def order(name: str) -> int:
    """Return where a township row stands when not all can have a post: zones come last."""
    if is_town(name):
        return 0
    return 2 if name.endswith(ZONES) else 1
