"""The file of an export: made as whoever asked sees the list, sealed, fetched once, then gone."""

import base64
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

from sqlalchemy import or_, select, update

from accounts import queries as people
from accounts.exports import queries
from accounts.exports.models import Export
from accounts.exports.rules import ExportKind, ExportState, Format, Table, kind_of, scope_of
from accounts.exports.services import ALONE, FILE_HOURS, kind_for
from accounts.models import Person
from accounts.rules import Actor
from core import audit, clock, crypto, ids, sheets
from core.db import db, transaction
from core.errors import RuleBroken
from core.i18n import _
from core.parameters import value_on
from core.zone import CHINA

STUCK = timedelta(minutes=10)
"""After this a file that was begun and not finished is made anew: its process died."""
Sight = Callable[[Actor], AbstractContextManager[None]]


def make_due(home: Path, sight: Sight) -> int:
    """Make the files that are due, each as whoever asked for it would see it; return how many."""
    stuck = clock.now() - STUCK
    due = db.session.scalars(
        select(Export.uid)
        .where(
            or_(
                Export.state == ExportState.QUEUED,
                (Export.state == ExportState.MAKING) & (Export.claimed_at < stuck),
            )
        )
        .order_by(Export.id)
        .limit(20)
    ).all()
    return sum(make(uid, home, sight) for uid in due)


def make(uid: str, home: Path, sight: Sight = lambda _person: nullcontext()) -> bool:
    """Make the file of an export that nobody else is making; return whether it is there."""
    claimed = _claim(uid)
    if claimed is None:
        return False
    person, state, data = people.actor_for(claimed.asked_by_id), ExportState.READY, b""
    kind = kind_of(claimed.kind)
    if _allowed(claimed, person, kind):
        with sight(person):
            table = kind.table(person, dict(claimed.filters))
        data, state = _file(claimed, person, kind, table)
    else:
        table, state = Table((), ()), ExportState.REFUSED
    name = _keep(home, claimed.uid, data) if data else None
    with transaction() as session:
        now = clock.now()
        lasts = timedelta(hours=int(value_on(FILE_HOURS, clock.today())))
        session.execute(
            update(Export)
            .where(Export.id == claimed.id)
            .values(
                state=state, file_name=name, made_at=now, expires_at=now + lasts,
                rows=len(table.rows),
            )
        )  # fmt: skip
        deed = "export_made" if data else "export_refused"
        audit.record(deed, "export", uid, by=claimed.asked_by_id, fields=table.keys)
    return bool(data)


def _claim(uid: str) -> Export | None:
    now = clock.now()
    with transaction() as session:
        claimed = session.scalar(
            update(Export)
            .where(
                Export.uid == uid,
                or_(
                    Export.state == ExportState.QUEUED,
                    (Export.state == ExportState.MAKING) & (Export.claimed_at < now - STUCK),
                ),
            )
            .values(state=ExportState.MAKING, claimed_at=now)
            .returning(Export.id)
        )
        return session.get_one(Export, claimed) if claimed else None


def _allowed(claimed: Export, person: Actor, kind: ExportKind) -> bool:
    """Whether whoever asked is still who they were: enabled, and answering for the same."""
    enabled = select(Person.id).where(Person.id == person.id, Person.disabled_at.is_(None))
    same = bool(claimed.scope) and scope_of(person, kind) == claimed.scope
    return same and db.session.scalar(enabled) is not None


def _file(
    claimed: Export, person: Actor, kind: ExportKind, table: Table
) -> tuple[bytes, ExportState]:
    """Return the file, or nothing with what is against it."""
    alone = int(value_on(ALONE, clock.today()))
    if claimed.approval_id is None and len(table.rows) > alone:
        return b"", ExportState.REFUSED
    note = mark_of(claimed, person)
    try:
        if claimed.format is Format.CSV:
            return sheets.csv_file(table.header, table.rows, note=note), ExportState.READY
        title = str(kind.title)
        return sheets.xlsx_file(title, table.header, table.rows, note=note), ExportState.READY
    except ValueError:
        return b"", ExportState.FAILED


def mark_of(export: Export, person: Actor) -> str:
    """Return what every file says of itself: who has it, since when, what for."""
    return _(
        "%(name)s 于 %(when)s 导出，用途：%(reason)s。编号 %(number)s-%(uid)s。请勿转给他人",
        name=person.name,
        when=f"{clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}",
        reason=export.reason,
        number=export.id,
        uid=export.uid,
    )


def _place(uid: str) -> str:
    return f"exports.file/{uid}"


def _keep(home: Path, uid: str, data: bytes) -> str:
    """Seal the file for its row and put it into the folder; return its name."""
    folder, name = home / "exports", ids.token()
    folder.mkdir(mode=0o700, exist_ok=True)
    sealed = crypto.sealer().seal(base64.b64encode(data).decode(), _place(uid))
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(sealed)
    return name


def fetch(uid: str, home: Path, *, by: Actor) -> bytes | None:
    """Hand over the file, once; None when it is gone. Raises NotYours, RuleBroken."""
    now = clock.now()
    with transaction() as session:
        found, _approval = queries.export(uid, by)
        kind = kind_for(found.kind, by)
        if found.state in {ExportState.WAITING, ExportState.QUEUED, ExportState.MAKING}:
            raise RuleBroken(_("文件还没有做好"))
        if scope_of(by, kind) != found.scope:
            raise RuleBroken(_("您的职责变了，请重新提出导出"))
        name = session.scalar(
            update(Export)
            .where(
                Export.id == found.id,
                Export.state == ExportState.READY,
                Export.expires_at > now,
            )
            .values(state=ExportState.FETCHED, fetched_at=now)
            .returning(Export.file_name)
        )
        if name is None:
            return None
        audit.record("export_fetched", "export", uid, by=by.id)
    return _take(home / "exports" / name, uid)


def _take(path: Path, uid: str) -> bytes | None:
    """Read a file and remove it."""
    try:
        sealed = path.read_text()
        path.unlink()
        return base64.b64decode(crypto.sealer().open(sealed, _place(uid)))
    except (OSError, crypto.Unreadable):
        return None


def purge(home: Path) -> int:
    """Remove the files whose time is over, and those that no export knows; return how many."""
    with transaction() as session:
        over = session.scalars(
            update(Export)
            .where(Export.state == ExportState.READY, Export.expires_at <= clock.now())
            .values(state=ExportState.EXPIRED)
            .returning(Export.file_name)
        ).all()
        kept = set(
            session.scalars(select(Export.file_name).where(Export.state == ExportState.READY))
        )
    begun = (clock.wall() - STUCK).timestamp()
    gone = 0
    for path in (home / "exports").glob("*"):
        lost = path.name not in kept and path.stat().st_mtime < begun
        if lost or path.name in over:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
