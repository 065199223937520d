"""How long a check of the audit takes, what it keeps in memory, and what a mark costs.

    .venv/bin/python bench/audit.py [rows, by default 1000000]

Makes a database of its own with that many chained rows (30 MB per 100,000), then runs
`flask audit verify` on it as an administrator would and prints its seconds, rows per second and
greatest memory; then writes rows with and without marks and prints the ratio of their cost in
processor time. Disk and processor only, no network.
"""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from figures import figure
from sqlalchemy import event
from sqlalchemy.orm import Session

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from app import create_app  # noqa: E402 - the whole application is measured
from core import audit, clock  # noqa: E402
from core.audit import AuditRow  # noqa: E402
from core.chain import mark, moment  # noqa: E402
from core.config import Settings  # noqa: E402
from core.db import db, transaction, writing  # noqa: E402

KEY = b"b" * 32
MILLION, MOST_SECONDS, MOST_MB = 1_000_000, 10.0, 400.0
COLUMNS = "id, at, actor_id, action, kind, ref, fields, reason, key_id, mark"


def site(home: Path) -> None:
    """Put the application together around an empty database in the folder, and stay in it."""
    (home / "key").touch(mode=0o600)
    (home / "key").write_text(KEY.hex())
    app = create_app(Settings.from_env(home, {"TONGXING_LOG_LEVEL": "error"}))
    app.app_context().push()
    with writing():
        db.create_all()
    db.session.remove()


def rows(many: int) -> Iterator[tuple[object, ...]]:
    """Yield chained rows as the site writes them, about one a minute."""
    (key_id, key), before, at = audit.key_now(), "", clock.now() - timedelta(minutes=many)
    for number in range(1, many + 1):
        fields = '["real_name", "guardian_phone"]' if number % 3 == 0 else "[]"
        ref = f"{number % 60_000:022d}"
        stamp = moment(at + timedelta(minutes=number))
        row = (number, stamp, number % 2_500 + 1, "child_seen", "child", ref, fields, "")
        before = mark(key, before, row)
        yield *row, key_id, before


def fill(home: Path, many: int) -> None:
    """Write the rows past the ORM: a million would take minutes through it."""
    db.session.remove()
    db.engine.dispose()
    raw = sqlite3.connect(home / "tongxing.db")
    holes = ", ".join("?" * 10)
    raw.executemany(f"INSERT INTO audit_rows ({COLUMNS}) VALUES ({holes})", rows(many))  # noqa: S608 - our own words
    raw.commit()
    raw.close()


def verify(home: Path) -> tuple[str, float, int]:
    """Run the command; return what it says, and processor seconds and most MB of all runs yet."""
    env = os.environ | {"TONGXING_HOME": str(home), "TONGXING_LOG_LEVEL": "error"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "audit", "verify"],
        cwd=ROOT, env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout.splitlines()[0], used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def inserts(many: int, at_once: int) -> float:
    """Return the microseconds of processor time that a row costs, written a few at a time."""
    began = time.process_time()
    for _turn in range(many // at_once):
        with transaction():
            for number in range(at_once):
                audit.record("child_seen", "child", number, by=None)
    return (time.process_time() - began) / many * 1e6


def _unmarked(session: Session, _context: object, _instances: object) -> None:
    for row in session.new:
        if isinstance(row, AuditRow):
            row.key_id, row.mark = 1, "0" * 32


def without_marks(many: int, at_once: int) -> float:
    """Return the same for rows that carry a constant instead of a mark."""
    event.remove(Session, "before_flush", audit.mark_new_rows)
    event.listen(Session, "before_flush", _unmarked)
    try:
        return inserts(many, at_once)
    finally:
        event.remove(Session, "before_flush", _unmarked)
        event.listen(Session, "before_flush", audit.mark_new_rows)


def main(many: int) -> None:
    """Measure, and print a line for each figure."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        site(home)
        _said, start, _memory = verify(home)  # of no rows: what every command's start costs
        began = time.perf_counter()
        fill(home, many)
        print(f"made {many} rows in {time.perf_counter() - began:.1f} s")
        said, spent, memory = verify(home)
        seconds = float(said.split()[-2])
        figure(f"audit verify, {many:,} rows", seconds, "s", most=MOST_SECONDS * many / MILLION)
        figure("audit verify, memory at most", memory, "MB", most=MOST_MB)
        print(f"verify: {said}, {many / seconds:.0f} rows/s")
        print(f"        {spent - 2 * start:.1f} s of processor time beside the command's start")
        for at_once in (1, 20):
            plain, marked = without_marks(2_000, at_once), inserts(2_000, at_once)
            told = f"{plain:.0f} → {marked:.0f} µs a row, {marked / plain:.2f} times"
            print(f"insert, {at_once} a transaction: {told}")
            figure(f"audit row with its mark, {at_once} a transaction", marked / plain, "times")
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
