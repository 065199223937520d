"""The rows of the yearly package, read as they are written out, never all at once."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, or_, select

from accounts.audit.packing.rules import SECTIONS, Cell, Section, Table, section_of
from accounts.audit.rules import year_of
from accounts.models import Person
from core.audit import AuditRow
from core.db import db
from core.zone import CHINA

HEADER = ("row", "at", "actor_id", "actor", "action", "kind", "ref", "fields")
COLUMNS = (
    AuditRow.id, AuditRow.at, AuditRow.actor_id, AuditRow.action, AuditRow.kind, AuditRow.ref,
    AuditRow.fields,
)  # fmt: skip
AT_ONCE = 1_000


def counts(year: int) -> dict[str, int]:
    """Return how many rows each file of the package will have."""
    rows = db.session.execute(
        select(AuditRow.action, func.count()).where(_in(year)).group_by(AuditRow.action)
    )
    found: Counter[str] = Counter()
    for action, many in rows:
        found[section_of(action) or ""] += many
    return {section.name: found[section.name] for section in SECTIONS}


def tables(year: int) -> list[Table]:
    """Return the files that come from the audit itself."""
    return [Table(one.name, HEADER, _rows(one, year)) for one in SECTIONS]


def _rows(section: Section, year: int) -> Iterator[tuple[Cell, ...]]:
    """Yield a section's deeds in order; reasons stay here: people write names into them."""
    after = 0
    while True:
        found = db.session.execute(
            select(*COLUMNS, Person.name)
            .outerjoin(Person, Person.id == AuditRow.actor_id)
            .where(_in(year), _of(section), AuditRow.id > after)
            .order_by(AuditRow.id)
            .limit(AT_ONCE)
        ).all()
        for row in found:
            at = row.at.astimezone(CHINA).isoformat(timespec="seconds")
            fields = " ".join(row.fields)
            yield row.id, at, row.actor_id, row.name, row.action, row.kind, row.ref, fields
        if not found:
            return
        after = found[-1].id


def _of(section: Section) -> ColumnElement[bool]:
    return or_(
        AuditRow.action.in_(section.actions),
        *(AuditRow.action.startswith(one, autoescape=True) for one in section.prefixes),
    )


def _in(year: int) -> ColumnElement[bool]:
    begins, ends = year_of(year)
    return (AuditRow.at >= begins) & (AuditRow.at < ends)
