"""Starting the site as people do: the first time, again, for real, and with a wrong setting."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core import keys
from tests.sites import ROOT, key_file_beside, running_site


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


def test_a_running_site_reads_nothing_for_ever(tmp_path: Path) -> None:
    """SQLite's journal starts anew once nobody reads it: one open reading, and it only grows."""
    with running_site(tmp_path) as site:
        with closing(sqlite3.connect(site.home / "tongxing.db", timeout=10)) as database:
            busy, *_frames = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert not busy


def test_a_real_site_has_nothing_of_the_demonstration(tmp_path: Path) -> None:
    real = {"TONGXING_DEMO": "0", "TONGXING_KEY_FILE": str(key_file_beside(tmp_path))}
    with running_site(tmp_path, **real) as site:
        for words in (("demo", "accounts"), ("demo", "load"), ("demo", "clock", "--advance", "1d")):
            refused = start(tmp_path, *words, **real)
            assert refused.returncode != 0
            assert len(refused.stderr.strip().splitlines()) == 1
        made = start(
            tmp_path, "accounts", "create-admin", "--name", "管理员", "--login", "root@example.org",
            "--password", "correct horse battery", **real,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        assert not (site.home / "clock").exists()


def refusal(home: Path, **settings: str) -> str:
    """Return the one line with which a start was refused, after what migrations tell."""
    done = start(home, PYTHONWARNINGS="ignore", **settings)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_a_swapped_or_missing_key_or_vault_stops_the_start_with_one_line(tmp_path: Path) -> None:
    with running_site(tmp_path):
        pass
    key, vault = tmp_path / "key", tmp_path / "vault"
    own = key.read_bytes()

    key.unlink()
    assert refusal(tmp_path) == (
        f"TONGXING_KEY_FILE: {key} is missing; what is sealed needs that key"
    )
    keys.make(key)
    assert refusal(tmp_path) == (
        "Error: TONGXING_KEY_FILE: key 1 is not the one this database was sealed with"
    )
    key.write_bytes(own)
    key.chmod(0o644)
    assert refusal(tmp_path).endswith("can be read by others than its owner; chmod 600 it")
    key.chmod(0o600)

    vault.rename(tmp_path / "elsewhere")
    assert refusal(tmp_path) == (
        f"Error: TONGXING_VAULT: {vault} is not the vault of this database"
    )
    vault.write_bytes(bytes((tmp_path / "elsewhere").stat().st_size))
    assert refusal(tmp_path).endswith("is not the vault of this database")
    (tmp_path / "elsewhere").replace(vault)
    with running_site(tmp_path):
        pass
