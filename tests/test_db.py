"""The one way to write, held by two real processes on real databases."""

import multiprocessing
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import db as core_db
from core import writers
from core.db import Base, UtcDateTime, attempt, db, insert_once, transaction, writing

INCREMENTS, THREADS = 150, 3


class Seats(Base):
    """A table for these tests only."""

    __tablename__ = "test_seats"
    __table_args__ = (sa.CheckConstraint("taken <= capacity", name="seats"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int]
    name: Mapped[str | None] = mapped_column(unique=True)


# The site's own database has no such table: it stays out of the metadata of the other tests.
Base.metadata.remove(Seats.__table__)  # type: ignore[arg-type]  # a Table, as declared


def bare(url: str) -> Flask:
    """Return an application with nothing but the database."""
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = core_db.engine_options(url)
    core_db.init_app(app)
    return app


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with one row of ten seats, none taken."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'seats.db'}"
    else:
        address = request.getfixturevalue("postgres_url")
    app = bare(address)
    with app.app_context():
        with writing():
            Seats.__table__.create(db.engine)  # type: ignore[attr-defined]  # a Table, as declared
        with transaction() as session:
            session.add(Seats(id=1001, capacity=10_000, taken=0))
            session.add(Seats(id=1002, capacity=10, taken=0))
        yield address
        db.session.remove()
        db.engine.dispose()


def _in_threads(work: Any) -> None:
    threads = [threading.Thread(target=work) for _turn in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def increment(url: str) -> None:
    """Read, add one, write, 150 times from three threads: what the driver's defaults lose."""
    app = bare(url)

    def work() -> None:
        for _turn in range(INCREMENTS // THREADS):
            with app.app_context(), transaction() as session:
                row = session.get_one(Seats, 1001, with_for_update=True)
                row.taken += 1

    _in_threads(work)
    with app.app_context():
        db.engine.dispose()


def take_seats(url: str, taken: Any) -> None:
    """Try thirty times from three threads to take one of ten seats."""
    app = bare(url)

    def work() -> None:
        for _turn in range(10):
            with app.app_context(), transaction() as session:
                seat = sa.update(Seats).where(Seats.id == 1002, Seats.taken < Seats.capacity)
                done = session.scalar(seat.values(taken=Seats.taken + 1).returning(Seats.id))
            if done:
                with taken.get_lock():
                    taken.value += 1

    _in_threads(work)
    with app.app_context():
        db.engine.dispose()


def _in_two_processes(target: Any, *args: Any) -> None:
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=target, args=args) for _turn in range(2)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0, 0]


@pytest.mark.postgres
def test_300_increments_from_two_processes_store_300(url: str) -> None:
    _in_two_processes(increment, url)

    assert db.session.get_one(Seats, 1001).taken == 2 * INCREMENTS


@pytest.mark.postgres
def test_ten_seats_take_ten(url: str) -> None:
    taken = multiprocessing.get_context("spawn").Value("i", 0)

    _in_two_processes(take_seats, url, taken)

    assert taken.value == 10
    assert db.session.get_one(Seats, 1002).taken == 10


@pytest.mark.postgres
def test_outside_a_transaction_nothing_can_be_written(url: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only"):
        db.session.execute(sa.update(Seats).values(taken=7))
    db.session.rollback()

    assert db.session.get_one(Seats, 1001).taken == 0


@pytest.mark.postgres
def test_a_block_that_fails_leaves_nothing(url: str) -> None:
    def fail() -> None:
        with transaction() as session:
            session.add(Seats(id=1003, capacity=1, taken=0))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert db.session.get(Seats, 1003) is None


@pytest.mark.postgres
def test_an_inner_block_joins_the_outer_one(url: str) -> None:
    def fail() -> None:
        with transaction():
            with transaction() as inner:
                inner.add(Seats(id=1003, capacity=1, taken=0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert db.session.get(Seats, 1003) is None


@pytest.mark.postgres
def test_what_was_read_before_is_read_again_under_the_lock(url: str) -> None:
    row = db.session.get_one(Seats, 1001)
    assert row.taken == 0
    _in_two_processes(increment, url)
    with transaction():
        assert row.taken == 2 * INCREMENTS


@pytest.mark.postgres
def test_a_row_with_a_taken_key_is_inserted_once(url: str) -> None:
    with transaction():
        first = insert_once(Seats, name="one", capacity=1, taken=0)
        second = insert_once(Seats, name="one", capacity=1, taken=0)

    assert first is not None
    assert second is None


def test_a_writer_that_waits_too_long_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "WAIT_SECONDS", 0.05)
    app = bare(f"sqlite:///{tmp_path / 'busy.db'}")
    refused: list[bool] = []

    def second() -> None:
        with app.app_context():
            try:
                with transaction() as session:
                    session.execute(sa.text("SELECT 1"))
            except writers.WriterBusy:
                refused.append(True)

    with app.app_context():
        with transaction() as session:
            session.execute(sa.text("SELECT 1"))
            thread = threading.Thread(target=second)
            thread.start()
            thread.join()
        db.engine.dispose()

    assert refused == [True]


def test_a_program_that_does_not_queue_is_waited_for_and_named_as_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "WAIT_SECONDS", 0.05)
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    app, program = bare(url), sa.create_engine(url, **core_db.engine_options(url))
    with app.app_context(), program.connect() as outside:
        outside.exec_driver_sql("PRAGMA journal_mode=WAL")
        outside.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(writers.WriterBusy):
            _read_to_write()
        outside.rollback()

        assert _read_to_write() == 1
        db.engine.dispose()
    program.dispose()


def _read_to_write() -> Any:
    with transaction() as session:
        return session.scalar(sa.text("SELECT 1"))


@pytest.mark.postgres
def test_what_is_counted_stays_when_the_deed_fails(url: str) -> None:
    def deed() -> None:
        with transaction(kept=True) as session:
            session.add(Seats(id=1003, capacity=1, taken=0))
            with attempt():
                session.add(Seats(id=1004, capacity=1, taken=0))
                session.flush()
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed()

    assert db.session.get(Seats, 1003) is not None
    assert db.session.get(Seats, 1004) is None


@pytest.mark.postgres
def test_what_the_database_refuses_in_an_attempt_undoes_that_alone(url: str) -> None:
    def overfill(session: Session) -> None:
        with attempt():
            session.add(Seats(id=1006, capacity=1, taken=0))
            session.add(Seats(id=1007, capacity=1, taken=5))
            session.flush()

    with transaction(kept=True) as session:
        session.add(Seats(id=1005, capacity=1, taken=0))
        with pytest.raises(sa.exc.IntegrityError):
            overfill(session)
        session.add(Seats(id=1008, capacity=1, taken=0))

    found = sa.select(Seats.id).where(Seats.id.between(1005, 1008)).order_by(Seats.id)
    assert db.session.scalars(found).all() == [1005, 1008]


@pytest.mark.postgres
def test_what_an_attempt_would_have_deleted_stays(url: str) -> None:
    def delete(session: Session) -> None:
        with attempt():
            session.delete(session.get_one(Seats, 1009))
            raise ZeroDivisionError

    with transaction() as session:
        session.add(Seats(id=1009, capacity=1, taken=0))
    with transaction() as session, pytest.raises(ZeroDivisionError):
        delete(session)
    assert db.session.get(Seats, 1009) is not None


def test_a_naive_moment_is_refused() -> None:
    dialect = sa.create_engine("sqlite://").dialect
    column = UtcDateTime()
    with pytest.raises(ValueError, match="naive"):
        column.process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001 - the point
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert column.process_bind_param(moment, dialect) == moment
