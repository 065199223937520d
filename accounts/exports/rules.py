"""What can be exported, by whom, and how far an export has come.

A room says what its exports are with `declare`, in app.py. Nothing here reads a clock or a
database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.rules import Actor, Role
from core.errors import NotYours

MOST_ROWS = 20_000
Cell = str | int | float | None


class ExportState(StrEnum):
    WAITING = "waiting"
    """For another person's approval."""
    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    FETCHED = "fetched"
    EXPIRED = "expired"
    REFUSED = "refused"
    """Whoever asked no longer answers for the same places when the file is to be made."""
    FAILED = "failed"


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Table:
    """What an export holds: its columns, its rows, and in words what it was narrowed down to."""

    columns: Sequence[tuple[str, str]]
    """(key, heading) of each column: the key is for the audit, the same in every language."""
    rows: Sequence[Sequence[Cell]]
    about: Sequence[tuple[str, str]] = ()

    @property
    def keys(self) -> list[str]:
        return [key for key, _heading in self.columns]

    @property
    def header(self) -> list[str]:
        return [heading for _key, heading in self.columns]


@dataclass(frozen=True, slots=True)
class ExportKind:
    """A list that may leave the site: `table` gives what the person answers for, never more.

    `filters` are the names that an address may narrow it down by, as on the page of the list.
    """

    name: str
    title: object
    roles: tuple[Role, ...]
    filters: tuple[str, ...]
    table: Callable[[Actor, dict[str, str]], Table]


_declared: dict[str, ExportKind] = {}


def declare(*kinds: ExportKind) -> None:
    """Make the exports of a room known."""
    _declared.update({kind.name: kind for kind in kinds})


def kind_of(name: str) -> ExportKind:
    """Return the export of that name. Raises NotYours when no room knows it."""
    if name not in _declared:
        raise NotYours
    return _declared[name]


def declared() -> list[ExportKind]:
    return list(_declared.values())


def scope_of(person: Actor, kind: ExportKind) -> str:
    """Return what somebody answers for in the roles of an export: when it changes, so may rows."""
    held = (grant for grant in person.grants if grant.role in kind.roles)
    return ";".join(
        sorted(f"{grant.role.value}/{grant.area_id or ''}/{grant.org_id or ''}" for grant in held)
    )
