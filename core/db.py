"""The database: one declarative base, one session, one way to write.

Outside `transaction()` every connection is read-only, on both engines: a page that only shows
something cannot write by accident. On SQLite writers queue up (a thread lock, then a lock file
for other processes) and begin with BEGIN IMMEDIATE, since the driver's defaults lose updates.
"""

import enum
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, cast

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, registry

from core import fences, writers

QUIET: dict[str, Any] = {"hide_parameters": True}
"""An error of the database names its statement, never the values that people typed into it."""
SETTINGS = ("everything", "counties", "townships", "villages", "children")
"""What a transaction tells PostgreSQL's policies, as `tongxing.counties` and so on."""
_STATING = "SELECT " + ", ".join(
    f"set_config('tongxing.{name}', %({name})s, true)" for name in SETTINGS
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware moment, kept in UTC by every engine (SQLite drops the offset)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Tell lists by keyset what their keys hold: a decorator does not say by itself."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = cast("datetime", value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What every model inherits: named constraints and our own column types."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # Flask-SQLAlchemy copies this class, so the map has to live on the registry.
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UtcDateTime,
            enum.Enum: sa.Enum(
                enum.Enum,
                native_enum=False,
                length=30,
                values_callable=lambda kind: [member.value for member in kind],
            ),
            list[str]: sa.JSON,
            dict[str, Any]: sa.JSON,
        },
    )


db = SQLAlchemy(model_class=Base)
sa.event.listen(db.session, "do_orm_execute", fences.narrow)
AnyRow: TypeAlias = sa.Row[*tuple[Any, ...]]
AnySelect: TypeAlias = sa.Select[*tuple[Any, ...]]
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_kept: ContextVar[bool] = ContextVar("kept", default=False)


@contextmanager
def transaction(*, kept: bool = False) -> Iterator[Session]:
    """Do everything in the block, or nothing; an inner block joins the outer one.

    Whatever the session has read before is read again under the lock. With `kept` an error that
    passes keeps what was done, but for what an `attempt()` has undone. Raises WriterBusy.
    """
    session = db.session()
    if _writing.get():
        yield session
        return
    session.rollback()
    tokens = _writing.set(True), _kept.set(kept)
    try:
        yield session
        session.commit()
    except BaseException:
        session.commit() if kept else session.rollback()
        raise
    finally:
        _writing.reset(tokens[0])
        _kept.reset(tokens[1])


@contextmanager
def attempt() -> Iterator[None]:
    """Do everything in the block, or nothing of it: the transaction around it goes on either way.

    Whoever calls it is in a transaction.
    """
    token = _kept.set(False)
    try:
        with db.session().begin_nested():
            yield
    finally:
        _kept.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Let connections of this block write: for migrations, which bring their own transaction."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def may_be_undone() -> bool:
    """Whether the caller is inside a `transaction()`, and would be undone with it."""
    return _writing.get() and not _kept.get()


def hold(rows: sa.Select[Any], **given: Any) -> None:
    """Lock what a query finds until the commit, in its order; SQLite has locked everything."""
    session = db.session()
    if session.get_bind().dialect.name != "sqlite":
        session.execute(rows.with_for_update(), given)


def insert_once(model: type[Base], /, **values: Any) -> int | None:
    """Insert a row unless a unique key already holds its like; return its id, or None.

    The unique key is the lock: of any number of callers exactly one gets the id.
    """
    session = db.session()
    connection = session.connection()
    found: int | None = connection.scalar(_once(model, connection.dialect.name), values)
    return found


@cache
def _once(model: type[Base], dialect: str) -> sa.Executable:
    """Return the statement without its values: putting one together costs more than sending it."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    table = cast("sa.Table", model.__table__)
    return insert(table).on_conflict_do_nothing().returning(table.c.id)


def engine_options(url: str) -> dict[str, Any]:
    """Return how to open the database: on Linux with the newer SQLite that pysqlite3 brings.

    An error never quotes what was to be stored: it ends in a log, and that may be a child's name.
    """
    if not url.startswith("sqlite"):
        connect = {"connect_timeout": 5, "options": "-c statement_timeout=15000"}
        return QUIET | {"pool_pre_ping": True, "connect_args": connect}
    try:
        module = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return QUIET
    return QUIET | {"module": module}


def init_app(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        _wire_sqlite(engine)
    else:
        sa.event.listen(engine, "begin", _begin_postgresql)
        fences.when_changed(_tell_postgresql)


@contextmanager
def owners(url: str) -> Iterator[Engine]:
    """Give the engine that migrations use: that of the tables' owner, where it is another role."""
    if not url:
        yield db.engine
        return
    engine = sa.create_engine(url, **engine_options(url))
    sa.event.listen(engine, "begin", _begin_postgresql)
    try:
        yield engine
    finally:
        engine.dispose()


def _begin_postgresql(connection: Connection) -> None:
    if not _writing.get():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    _state_sight(connection)


def _state_sight(connection: Connection) -> None:
    """Tell the policies of row-level security what may be seen in this transaction.

    Texts go in the driver's own words: every transaction says them, and putting a statement
    together takes longer. What is asked with a query of its own is put together.
    """
    known = fences.sight().settings
    told = {name: known.get(name, "") for name in SETTINGS}
    if all(isinstance(value, str) for value in told.values()):
        connection.exec_driver_sql(_STATING, told)
        return
    stated = (
        sa.func.set_config(f"tongxing.{name}", value, True)  # noqa: FBT003 - SQL's own call
        for name, value in told.items()
    )
    connection.execute(sa.select(*stated))


def _tell_postgresql() -> None:
    """Say it again when the sight changes within a transaction."""
    session = db.session()
    if session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        _state_sight(session.connection())


def _begin_sqlite(connection: Connection, writes: bool) -> None:  # noqa: FBT001 - SQLite's own flag
    """Begin to write, or to read. Raises WriterBusy while somebody writes who does not queue."""
    if connection.info.get("writes") is not writes:  # it has every statement parsed anew
        connection.exec_driver_sql(f"PRAGMA query_only={int(not writes)}")
        connection.info["writes"] = writes
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    except sa.exc.OperationalError as error:
        if "locked" in str(error.orig):
            raise writers.WriterBusy from error
        raise


def _wire_sqlite(engine: Engine) -> None:
    queue = writers.Queue(Path(f"{engine.url.database}.writers"))

    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver never begins by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout={writers.WAIT_SECONDS * 1000}")

    def release(info: dict[str, bool]) -> None:
        if info.pop("queued", False):
            queue.leave()

    def begin(connection: Connection) -> None:
        writes = _writing.get()
        if writes and not connection.info.get("queued"):  # else another transaction of this block
            queue.enter()
            connection.info["queued"] = True
        try:
            _begin_sqlite(connection, writes)
        except BaseException:
            release(connection.info)
            raise

    def checkin(_connection: object, record: Any) -> None:
        release(record.info)

    sa.event.listen(engine, "connect", connect)
    sa.event.listen(engine, "begin", begin)
    sa.event.listen(engine, "checkin", checkin)
    sa.event.listen(engine, "engine_disposed", lambda _engine: queue.close())
