"""What the yearly package is made of. Nothing here reads a clock or a database."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Cell = str | int | float | None
Rows = Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the package: its name without the ending, its columns, and its rows."""

    name: str
    header: Sequence[str]
    rows: Rows


Source = Callable[[int], Table]
"""Gives a room's table of a year; it names records and people by id, never a child's data."""


@dataclass(frozen=True, slots=True)
class Section:
    """The deeds that one file of the package lists: these, and all that begin like that."""

    name: str
    actions: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


SECTIONS = (
    Section("access", prefixes=("access_",)),
    Section("reveals", ("child_revealed", "children_searched"), ("reveal_",)),
    Section("looks", ("child_seen", "list_seen", "child_copied")),
    Section("denials", ("denied",)),
    Section("exports", prefixes=("export_",)),
    Section("consents", prefixes=("consent_",)),
    Section("erasures", ("child_erased", "sealed_erased", "volunteer_erased"), ("erasure_",)),
    Section("requests", prefixes=("rights_request_", "guardian_link_", "assessment_")),
    Section("incidents", ("visit_concern",), ("incident_", "breach_", "alert_")),
    Section("roles", ("grant_role", "end_role", "disable")),
)
"""domain.md §0.4 and §2.2, article 37: what the yearly audit of minors' data looks at."""


def section_of(action: str) -> str | None:
    """Return the file that a deed belongs to."""
    for section in SECTIONS:
        if action in section.actions or action.startswith(section.prefixes or ("\0",)):
            return section.name
    return None
