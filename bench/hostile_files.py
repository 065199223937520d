"""How long a hostile file takes to be refused, and how much memory it costs at most.

    PYTHONPATH=. .venv/bin/python bench/hostile_files.py

Each file is refused in a process of its own, so that its peak is its own; the processes that
decode pictures are not part of the site's memory and are counted apart. `cpu` is the site's and
the decoder's time together, `peak` what the site's process grew by.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from figures import figure
from flask import Flask

from core import i18n, pictures, sheets
from core.errors import RuleBroken
from tests.content import hostile_pictures, hostile_sheets

KINDS: dict[str, tuple[dict[str, tuple[str, Callable[[], bytes]]], Callable[[bytes], object]]] = {
    "picture": (hostile_pictures.HOSTILE, pictures.drawn_anew),
    "xlsx": (hostile_sheets.HOSTILE, lambda data: sheets.read(data, "a.xlsx")),
    "csv": (hostile_sheets.HOSTILE_CSV, lambda data: sheets.read(data, "a.csv")),
}
MOST_MS, MOST_MB, LEAST_FILES = 200.0, 50.0, 30


def one(kind: str, name: str, file: str) -> None:
    """Refuse one file and print what it cost: in this process, which does nothing else."""
    app = Flask(__name__)
    i18n.init_app(app)
    _files, take = KINDS[kind]
    data = Path(file).read_bytes()
    before, began, spent = _forget_peak(), time.perf_counter(), _cpu()
    with app.test_request_context("/"):
        try:
            take(data)
            accepted = True
        except RuleBroken:
            accepted = False
    print(json.dumps({
        "accepted": accepted, "ms": (time.perf_counter() - began) * 1000,
        "cpu_ms": (_cpu() - spent) * 1000, "mb": _peak() - before, "bytes": len(data),
    }))  # fmt: skip


def _forget_peak() -> float:
    """Let the kernel forget the peak so far; return what the process holds now, in MB."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _peak()


def _peak() -> float:
    """Return the most memory the process held since then, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def main() -> None:
    file, worst = Path("/tmp/hostile"), {"cpu_ms": 0.0, "ms": 0.0, "mb": 0.0}  # noqa: S108 - one at a time
    accepted = number = 0
    for kind, (files, _take) in KINDS.items():
        for name, (_reason, made) in files.items():
            file.write_bytes(made())
            done = subprocess.run(
                [sys.executable, __file__, kind, name, str(file)],
                capture_output=True, text=True, check=True, timeout=120,
            )  # fmt: skip
            told = json.loads(done.stdout)
            number, accepted = number + 1, accepted + told["accepted"]
            worst = {key: max(value, told[key]) for key, value in worst.items()}
            print(
                f"{kind:8}{name:45}{told['bytes']:>12,} B"
                f"{told['ms']:8.1f} ms{told['cpu_ms']:8.1f} ms cpu{told['mb']:7.1f} MB"
            )
    file.unlink()
    figure("hostile files tried", number, least=LEAST_FILES)
    figure("hostile files accepted", accepted, most=0)
    figure("hostile file, slowest refusal, processor", worst["cpu_ms"], "ms", most=MOST_MS)
    figure("hostile file, slowest refusal, wall clock", worst["ms"], "ms", most=MOST_MS)
    figure("hostile file, most memory", worst["mb"], "MB", most=MOST_MB)


if __name__ == "__main__":
    one(*sys.argv[1:]) if sys.argv[1:] else main()
