"""Asking for an export: few rows are made at once, more wait for another person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from accounts.approvals.models import Approval
from accounts.approvals.rules import Asked, Matter
from accounts.approvals.services import Request, ask
from accounts.exports import queries
from accounts.exports.labels import FORMATS
from accounts.exports.models import Export
from accounts.exports.rules import (
    MOST_ROWS,
    ExportKind,
    ExportState,
    Format,
    Table,
    kind_of,
    scope_of,
)
from accounts.models import Person
from accounts.rules import Actor, Role
from core import audit, clock, ids
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.i18n import _
from core.i18n import lazy as _l
from core.parameters import Parameter, Stricter, value_on
from places.models import Area, Organisation
from places.rules import Level

ALONE, MOST_AN_HOUR, FILE_HOURS = "exports.alone", "exports.most_an_hour", "exports.file_hours"
PARAMETERS = (
    Parameter(
        ALONE,
        50,
        _l("一个人一天多少行以内的导出不用另一个人批准"),
        _l("行"),
        "safety.md T4",
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        MOST_AN_HOUR,
        10,
        _l("一个人一小时最多提出几次导出，超过就停下并提醒未保专员"),
        _l("次"),
        _l("本站设计"),
        "D",
        Stricter.LOWER,
    ),
    Parameter(
        FILE_HOURS,
        24,
        _l("导出的文件最多保留几小时"),
        _l("小时"),
        "safety.md T4",
        "D",
        Stricter.LOWER,
    ),
)
APPROVAL = "export"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which list somebody wants, narrowed down how, in which format and what for."""

    kind: str
    filters: dict[str, str]
    format: Format
    reason: str


def table_for(name: str, filters: dict[str, str], person: Actor) -> Table:
    """Return the list as this person would get it. Raises NotYours."""
    kind = kind_for(name, person)
    return kind.table(person, {key: text for key, text in filters.items() if key in kind.filters})


def kind_for(name: str, person: Actor) -> ExportKind:
    kind = kind_of(name)
    if not person.has(*kind.roles):
        raise NotYours
    return kind


def ask_for(wish: Wish, *, by: Actor, flooded: Callable[[Actor, int | None], object]) -> str:
    """Ask for an export; return its uid, or STOPPED when it is one too many.

    Being stopped is no error: what `flooded` writes has to last. Raises NotYours, RuleBroken.
    """
    kind = kind_for(wish.kind, by)
    today = clock.today()
    with transaction() as session:
        # two requests at once would both count one too few
        session.execute(select(Person.id).where(Person.id == by.id).with_for_update())
        if queries.asked_lately(by.id) >= int(value_on(MOST_AN_HOUR, today)):
            audit.record("export_stopped", "export", kind.name, by=by.id, reason=wish.reason)
            flooded(by, _area_of(by, kind))
            return STOPPED
        rows = len(table_for(wish.kind, wish.filters, by).rows)
        if rows > MOST_ROWS:
            raise RuleBroken(_("超过 %(most)d 行，请先缩小范围", most=MOST_ROWS))
        alone = left_alone(by)
        made = _row(wish, kind, rows, by)
        session.add(made)
        audit.record("export_asked", "export", made.uid, by=by.id, reason=wish.reason)
        if rows > alone:
            _wait_for_somebody_else(made, kind, by)
        session.flush()
        return made.uid


def left_alone(person: Actor) -> int:
    """Return how many rows somebody may still export without another person.

    What went out within a day adds up: a list in ten pieces is the list.
    """
    return max(0, int(value_on(ALONE, clock.today())) - queries.alone_lately(person.id))


def _row(wish: Wish, kind: ExportKind, rows: int, by: Actor) -> Export:
    return Export(
        uid=ids.uid(),
        kind=kind.name,
        filters={key: text for key, text in wish.filters.items() if key in kind.filters},
        format=wish.format,
        reason=wish.reason,
        rows=rows,
        scope=scope_of(by, kind),
        asked_by_id=by.id or 0,
        asked_at=clock.now(),
        state=ExportState.QUEUED,
    )


def _wait_for_somebody_else(made: Export, kind: ExportKind, by: Actor) -> None:
    payload: dict[str, Any] = {
        "kind": kind.name,
        "filters": made.filters,
        "rows": made.rows,
        "format": made.format.value,
    }
    wanted = Request(APPROVAL, made.uid, payload, made.reason, _area_of(by, kind))
    asked = ask(wanted, by=by)
    made.approval_id = db.session.scalar(select(Approval.id).where(Approval.uid == asked))
    made.state = ExportState.WAITING


def _area_of(person: Actor, kind: ExportKind) -> int | None:
    """Return whose approvers decide: the one county, or the city above several."""
    with transaction() as session:
        orgs = person.organisations(*kind.roles)
        placed = session.scalars(select(Organisation.area_id).where(Organisation.id.in_(orgs)))
        areas = {reach.area_id for reach in person.reaches(*kind.roles)} | set(placed)
        if len(areas) == 1:
            return areas.pop()
        return session.scalar(select(Area.id).where(Area.level == Level.CITY).limit(1))


def approved(asked: Asked, _asker: Actor, decider: Actor) -> None:
    """Let the file of an export be made that two people agree on."""
    with transaction() as session:
        queued = session.scalar(
            update(Export)
            .where(Export.uid == asked.subject, Export.state == ExportState.WAITING)
            .values(state=ExportState.QUEUED)
            .returning(Export.id)
        )
        if queued is None:
            raise RuleBroken(_("这次导出已经不在等待批准"))
        audit.record("export_approved", "export", asked.subject, by=decider.id)


def facts(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return in words which list is asked for, narrowed down to what, and how many rows."""
    return [
        (_("名单"), str(kind_of(payload["kind"]).title)),
        (_("行数"), str(payload["rows"])),
        (_("格式"), str(FORMATS[Format(payload["format"])])),
        *((_("筛选"), text) for text in payload["filters"].values() if text),
    ]


MATTER = Matter(
    APPROVAL,
    _l("导出名单"),
    askers=(Role.COORDINATOR, Role.ORG_LEAD),
    approvers=(Role.COORDINATOR, Role.CITY_COORDINATOR, Role.SAFEGUARDING_LEAD, Role.DPO),
    facts=facts,
    carry_out=approved,
)
