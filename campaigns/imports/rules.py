"""What a list of members has to be, row by row; nothing is guessed, and no row spoils another.

One person may stand there by phone, by e-mail or by both: rows that share either are one person.
The same name with another contact may be one person or two, so a human decides.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from campaigns.signups.rules import email_of, is_name, phone_of

LONGEST_KEPT = 120
LOOKED_FOR_HEADER = 5
"""A title or merged cells above the header are named; what is further down is a list without."""


class State(StrEnum):
    """How far an import has come."""

    CHECKING = "checking"
    CHECKED = "checked"
    REFUSED = "refused"
    """The file cannot be read at all."""
    CONFIRMING = "confirming"
    DONE = "done"
    UNDONE = "undone"
    EXPIRED = "expired"
    """The rows have been deleted."""


BUSY = frozenset({State.CHECKING, State.CONFIRMING})


class Fate(StrEnum):
    """What is to be done with a row, or has been done."""

    GOOD = "good"
    SAME_NAME = "same_name"
    """Somebody of that name is there by another contact: a person or two."""
    PLACED = "placed"
    ALREADY = "already"
    TWICE = "twice"
    HEADER = "header"
    ID_NUMBER = "id_number"
    NO_NAME = "no_name"
    BAD_NAME = "bad_name"
    NO_CONTACT = "no_contact"
    BAD_PHONE = "bad_phone"
    BAD_EMAIL = "bad_email"
    BAD_LANGUAGE = "bad_language"
    TOO_OFTEN = "too_often"
    FULL = "full"
    CLOSED = "closed"


FAILED = frozenset(Fate) - {Fate.GOOD, Fate.PLACED, Fate.ALREADY, Fate.SAME_NAME}
"""What is to be mended and brought again."""
COLUMNS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"姓名", "名字", "name", "fullname"}),
    "phone": frozenset({"手机", "手机号", "手机号码", "电话", "phone", "mobile", "phonenumber"}),
    "email": frozenset({"邮箱", "电子邮箱", "邮件", "email", "e-mail", "mail"}),
    "language": frozenset({"语言", "language"}),
}
ALIASES = {alias: column for column, names in COLUMNS.items() for alias in names}
LANGUAGES = {
    **dict.fromkeys(("", "中文", "汉语", "普通话", "chinese", "zh", "zh_hans"), "zh_Hans"),
    **dict.fromkeys(("英文", "英语", "english", "en"), "en"),
}
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])")
NEUTRAL = re.compile(r"'[=+\-@＝＋－＠]")
SPACES = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Member:
    """One row: what stood there, and what is made of it."""

    number: int
    """Of the row in the sheet, the header being the first."""
    name: str = ""
    phone: str = ""
    email: str = ""
    language: str = ""
    fate: Fate = Fate.GOOD
    contact: str | None = None
    """What the member is written to or called by: the address, else the number."""
    spoken: str = "zh_Hans"
    other: int | None = None
    """The row that says the same."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Return every contact by which somebody might be there twice."""
        found = email_of(narrow(self.email)), phone_of(narrow(self.phone))
        return tuple(one for one in found if one)


class Layout(StrEnum):
    """What is wrong with the columns."""

    NO_HEADER = "no_header"
    LATE_HEADER = "late_header"
    TWO_COLUMNS = "two_columns"
    NO_ROWS = "no_rows"


class BadLayout(Exception):
    """The columns cannot be read: which way, and where the header stands."""

    def __init__(self, layout: Layout, row: int = 0) -> None:
        super().__init__(layout)
        self.layout, self.row = layout, row


def narrow(text: str) -> str:
    """Return a text with full-width signs made ordinary and without spaces."""
    return SPACES.sub("", unicodedata.normalize("NFKC", text))


def header_of(row: Sequence[str]) -> list[str]:
    """Return the columns that a header names, in its order; empty where it names none of ours."""
    return [ALIASES.get(narrow(cell).lower().rstrip("*"), "") for cell in row]


def is_header(row: Sequence[str]) -> bool:
    named = set(header_of(row))
    return "name" in named and bool(named & {"phone", "email"})


def members(table: Sequence[Sequence[str]]) -> Iterator[Member]:
    """Yield the rows of a table with what is to be done with each. Raises BadLayout."""
    places = _places(table)
    by_key: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for number, cells in enumerate(table[1:], 2):
        if not any(cells):
            continue
        found = _compared(_judged(_read(number, cells, places), cells), by_key, by_name)
        if found.fate in {Fate.GOOD, Fate.SAME_NAME}:
            by_key.update(dict.fromkeys(found.keys, number))
            by_name.setdefault(found.name, number)
        yield found


def _places(table: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return where each column stands."""
    late = (row for row, cells in enumerate(table[:LOOKED_FOR_HEADER], 1) if is_header(cells))
    first = next(late, 0)
    if first != 1:
        raise BadLayout(Layout.LATE_HEADER if first else Layout.NO_HEADER, first)
    named = [column for column in header_of(table[0]) if column]
    if len(set(named)) < len(named):
        raise BadLayout(Layout.TWO_COLUMNS)
    if not any(any(cells) for cells in table[1:]):
        raise BadLayout(Layout.NO_ROWS)
    return {column: place for place, column in enumerate(header_of(table[0])) if column}


def _read(number: int, cells: Sequence[str], places: Mapping[str, int]) -> Member:
    """Return a row as it stands there; what may be an identity number is left out."""

    def text(column: str) -> str:
        at = places.get(column, len(cells))
        return _kept(cells[at]) if at < len(cells) else ""

    return Member(number, text("name"), text("phone"), text("email"), text("language"))


def _kept(text: str) -> str:
    """Return a cell's text; the apostrophe before what would calculate is the spreadsheet's."""
    bare = text[1:] if NEUTRAL.match(text) else text
    return "" if ID_NUMBER.search(narrow(bare)) else bare[:LONGEST_KEPT]


def _judged(row: Member, cells: Sequence[str]) -> Member:
    """Return a row with what is against it by itself."""
    email, phone = email_of(narrow(row.email)), phone_of(narrow(row.phone))
    spoken = LANGUAGES.get(narrow(row.language).lower())
    against = _against(row, cells)
    if against is None and spoken is None:
        against = Fate.BAD_LANGUAGE
    if against is not None:
        return replace(row, fate=against)
    return replace(row, contact=email or phone, spoken=spoken or "zh_Hans")


def _against(row: Member, cells: Sequence[str]) -> Fate | None:
    if any(ID_NUMBER.search(narrow(cell)) for cell in cells):
        return Fate.ID_NUMBER
    checks = (
        (is_header(cells), Fate.HEADER),
        (not row.name, Fate.NO_NAME),
        (not is_name(row.name), Fate.BAD_NAME),
        (not (row.phone or row.email), Fate.NO_CONTACT),
        (bool(row.phone) and not phone_of(narrow(row.phone)), Fate.BAD_PHONE),
        (bool(row.email) and not email_of(narrow(row.email)), Fate.BAD_EMAIL),
    )
    return next((fate for wrong, fate in checks if wrong), None)


def _compared(row: Member, by_key: Mapping[str, int], by_name: Mapping[str, int]) -> Member:
    """Return a good row with what is against it beside the rows before."""
    if row.fate is not Fate.GOOD:
        return row
    twice = next((by_key[key] for key in row.keys if key in by_key), None)
    if twice is not None:
        return replace(row, fate=Fate.TWICE, other=twice)
    if row.name in by_name:
        return replace(row, fate=Fate.SAME_NAME, other=by_name[row.name])
    return row


def beside(row: Member, *, contacts: frozenset[str], names: frozenset[str]) -> Member:
    """Return a good row with what is against it beside those who are there already."""
    if row.fate not in {Fate.GOOD, Fate.SAME_NAME}:
        return row
    if contacts & set(row.keys):
        return replace(row, fate=Fate.ALREADY, other=None)
    return replace(row, fate=Fate.SAME_NAME) if row.name in names else row
