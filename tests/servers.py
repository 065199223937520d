"""Real servers for tests: a private PostgreSQL from installed binaries, never run as root."""

import os
import pwd
import shutil
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


@contextmanager
def private_postgresql(folder: Path, *, fsync: bool = False) -> Iterator[str]:
    """Run a server on a free loopback port with its data in the folder; give its address."""
    initdb, server = _binary("initdb"), _binary("postgres")
    user, data, port = _unprivileged(), folder / "data", free_port()
    data.mkdir()
    if user:
        for one in (folder, data):
            shutil.chown(one, user)
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    made = subprocess.run(
        [initdb, "-D", data, "-U", "tongxing", "-A", "trust", "-E", "UTF8", "--no-sync"],
        user=user,
        env=env,
        capture_output=True,
        cwd="/",
        check=False,
    )
    if made.returncode:
        raise RuntimeError(made.stderr.decode())
    running = subprocess.Popen(
        [
            server,
            "-D",
            data,
            "-p",
            str(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            f"fsync={'on' if fsync else 'off'}",
            "-c",
            "max_connections=60",
        ],
        user=user,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    url = f"postgresql+psycopg://tongxing@127.0.0.1:{port}/postgres"
    try:
        _wait_for(port, running)
        yield url
    finally:
        running.terminate()
        running.wait(timeout=20)


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
