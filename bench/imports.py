"""How long the dry run of a list takes, and what it costs in memory, at 500 and at 5,000 rows.

    PYTHONPATH=. .venv/bin/python bench/imports.py

Each list is checked in a process of its own, as the job does it: opened, looked through, judged
and stored, on SQLite with synchronous=FULL. `peak` is what the process grew by.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import figure

from accounts.queries import actor_for
from accounts.rules import Role
from app import create_app
from campaigns.imports.rules import State
from campaigns.imports.services import Brought, bring
from campaigns.imports.steps.services import go_on
from core.db import db, writing
from core.fences import everything
from tests.builders.campaigns import a_block
from tests.builders.imports import a_csv, an_xlsx, rows_of, the_run
from tests.builders.people import a_member_of_staff
from tests.conftest import settings_for

SIZES = (500, 5_000)
MADE = {"xlsx": an_xlsx, "csv": a_csv}
MOST_SECONDS, MOST_MB = 5.0, 20.0


def one(ending: str, file: str) -> None:
    """Check one list and print what it cost: in this process, which does nothing else."""
    with tempfile.TemporaryDirectory() as home:
        app = create_app(settings_for(Path(home)))
        with app.app_context(), everything():
            with writing():
                db.create_all()
            db.session.remove()
            block = a_block()
            lead = a_member_of_staff(Role.ORG_LEAD, org_id=block.org_id)
            small = MADE[ending](rows_of(5))
            bring(block.uid, Brought(small, ending, "zh_Hans"), by=actor_for(lead))
            go_on()  # what is imported and prepared once is not the list's
            data = Path(file).read_bytes()
            uid = bring(block.uid, Brought(data, ending, "zh_Hans"), by=actor_for(lead))
            db.session.remove()
            before, began = _forget_peak(), time.perf_counter()
            go_on()
            seconds = time.perf_counter() - began
            peak = _peak() - before
            run = the_run(uid)
            assert run.state is State.CHECKED  # noqa: S101 - else no figure
    print(json.dumps({"seconds": seconds, "mb": peak}))


def _forget_peak() -> float:
    """Let the kernel forget the peak so far; return what the process holds now, in MB."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _peak()


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    for ending, made in MADE.items():
        for size in SIZES:
            told = _told(ending, made(rows_of(size)))
            goals = size == SIZES[-1]
            name = f"dry run of {size:,} rows, {ending}"
            figure(name, told["seconds"], "s", most=MOST_SECONDS if goals else None)
            figure(f"{name}: rows a second", size / told["seconds"])
            figure(f"{name}: memory", told["mb"], "MB", most=MOST_MB if goals else None)


def _told(ending: str, data: bytes) -> dict[str, float]:
    """Check a list in a process that has not made it: its memory is not the list's."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        done = subprocess.run(
            [sys.executable, __file__, ending, file.name],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


if __name__ == "__main__":
    one(*sys.argv[1:]) if len(sys.argv) > 1 else main()
