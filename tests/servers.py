"""Real servers for tests: a private PostgreSQL from installed binaries, never run as root."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError


class ServerMissing(Exception):
    """What a test needs is not installed; the text says how to get it."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binary(name: str) -> str:
    found = [Path(folder) / name for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    known = [str(path) for path in found if path.is_file()] or [shutil.which(name) or ""]
    if not known[-1]:
        raise ServerMissing("PostgreSQL is not installed: apt-get install postgresql")
    return known[-1]


def _unprivileged() -> str | None:
    """Return the user to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class PostgreSQL:
    """A server on a free loopback port, with its data in the folder."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self.data, self.port = folder / "data", free_port()
        self.url = f"postgresql+psycopg://tongxing@127.0.0.1:{self.port}/postgres"
        self._fsync, self._user = fsync, _unprivileged()
        self._env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self._running: subprocess.Popen[bytes] | None = None
        self._make(folder)

    def _make(self, folder: Path) -> None:
        words = ["-U", "tongxing", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self.data.mkdir()
        if self._user:
            for one in (folder, self.data):
                shutil.chown(one, self._user)
            for parent in folder.parents:
                if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
        made = subprocess.run(
            [_binary("initdb"), "-D", self.data, *words],
            user=self._user, env=self._env, capture_output=True, cwd="/", check=False,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(made.stderr.decode())

    def start(self) -> None:
        """Start it and wait until it answers."""
        values = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if self._fsync else "off",
            "max_connections": "60",
        }
        options = [word for name, value in values.items() for word in ("-c", f"{name}={value}")]
        self._running = subprocess.Popen(
            [_binary("postgres"), "-D", self.data, "-p", str(self.port), *options],
            user=self._user, env=self._env, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _wait_for(self.port, self._running)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it; SIGQUIT is what `pg_ctl -m immediate stop` sends: nothing is put in order."""
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(timeout=20)


@contextmanager
def a_postgresql(folder: Path, *, fsync: bool = False) -> Iterator[PostgreSQL]:
    """Run a server that the test may stop and start again."""
    server = PostgreSQL(folder, fsync=fsync)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def private_postgresql(folder: Path, *, fsync: bool = False) -> Iterator[str]:
    """Run a server of its own and give its address."""
    with a_postgresql(folder, fsync=fsync) as server:
        yield server.url


def _wait_for(port: int, running: "subprocess.Popen[bytes]") -> None:
    engine = create_engine(f"postgresql+psycopg://tongxing@127.0.0.1:{port}/postgres")
    for _turn in range(200):
        if running.poll() is not None:
            raise RuntimeError(f"PostgreSQL stopped at once with code {running.returncode}")
        try:
            with engine.connect():
                break
        except OperationalError:
            threading.Event().wait(0.1)
    else:
        raise RuntimeError("PostgreSQL did not start within 20 s")
    engine.dispose()


def emptied(url: str) -> str:
    """Return the address of a fresh, empty database on the server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS tongxing_test WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE tongxing_test"))
    engine.dispose()
    return make_url(url).set(database="tongxing_test").render_as_string(hide_password=False)
