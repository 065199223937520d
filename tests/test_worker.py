"""Jobs in a process of their own, beside web processes that run none."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.sites import ROOT, running_site


def health(url: str, path: str) -> dict[str, object]:
    with urllib.request.urlopen(url + path, timeout=30) as answer:  # noqa: S310 - our own
        found: dict[str, object] = json.load(answer)
        return found


def hours_to_noon() -> int:
    """Mails wait for China's morning: at night none would be seen to leave."""
    return (12 - 8 - time.gmtime().tm_hour) % 24


def test_a_worker_sends_what_web_processes_only_plan(tmp_path: Path) -> None:
    with running_site(tmp_path, TONGXING_SCHEDULER="off") as site:
        site.advance(f"{48 + hours_to_noon()}h")
        waiting = health(site.url, "/healthz")
        assert waiting["scheduler"] is None
        assert float(str(waiting["oldest_overdue_seconds"])) > 0
        with subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "worker"],
            cwd=ROOT, env=site.env, stdout=subprocess.PIPE,
        ) as worker:  # fmt: skip
            try:
                assert worker.stdout is not None
                assert worker.stdout.readline().startswith(b"working")
                ends = time.monotonic() + 120
                while not site.sink.mails or health(site.url, "/readyz")["oldest_overdue_seconds"]:
                    assert time.monotonic() < ends
                    time.sleep(0.2)
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(60) == 0
            finally:
                worker.kill()  # else a failure would wait for it for ever


def test_a_worker_without_a_database_says_so_in_one_line(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "TONGXING_HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "worker"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert "TONGXING_DATABASE_URL" in done.stderr
