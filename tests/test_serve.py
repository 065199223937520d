"""Starting the site as people do: the first time, again, for real, and with a wrong setting."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sites import ROOT, running_site


def start(home: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the site with these settings."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("TONGXING_")}
    env |= {"TONGXING_HOME": str(home), "TONGXING_DEMO_SIZE": "small"} | settings
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *(words or ("serve",))],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TONGXING_DATABASE_URL", "oracle://somewhere"),
        ("TONGXING_DATABASE_URL", "sqlite:////proc/nowhere/tongxing.db"),
        ("TONGXING_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing"),
        ("TONGXING_KEY_FILE", "/proc/self/mem"),
        ("TONGXING_HOME", "/proc/nowhere"),
        ("TONGXING_SMTP_URL", "mail.example.org"),
        ("PORT", "eighty"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    tmp_path: Path, name: str, value: str
) -> None:
    done = start(tmp_path, **{name: value})

    assert done.returncode != 0
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert name in lines[0]


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        done = start(tmp_path, PORT=site.env["PORT"])

    assert done.returncode != 0
    assert "PORT" in done.stderr.strip().splitlines()[-1]


def test_a_second_start_keeps_the_data_and_a_stop_is_clean(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        first = site.command("demo", "accounts", "--json")
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(timeout=20) == 0
    with running_site(tmp_path) as site:
        assert site.command("demo", "accounts", "--json") == first


def test_a_real_site_has_nothing_of_the_demonstration(tmp_path: Path) -> None:
    with running_site(tmp_path, TONGXING_DEMO="0") as site:
        for words in (("demo", "accounts"), ("demo", "load"), ("demo", "clock", "--advance", "1d")):
            refused = start(tmp_path, *words, TONGXING_DEMO="0")
            assert refused.returncode != 0
            assert len(refused.stderr.strip().splitlines()) == 1
        made = start(
            tmp_path, "accounts", "create-admin", "--name", "管理员", "--login", "root@example.org",
            "--password", "correct horse battery", TONGXING_DEMO="0",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        assert not (site.home / "clock").exists()
