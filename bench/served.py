"""A site of one's own to measure: the small demonstration on loopback, in as many processes.

It runs no jobs: these would be measured with what is asked for.

Also what several benchmarks ask of any site: pages over a connection that stays open.
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
FIRST_PORT = 8792
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Site:
    """Where it answers; of a site of our own also its processes and its database."""

    addresses: list[str]
    pids: list[int] = field(default_factory=list)
    database: Path | None = None

    def cpu_ms(self) -> float:
        """Return the processor time its processes have taken, in milliseconds."""
        spent = 0
        for pid in self.pids:
            fields = (
                Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            )
            spent += int(fields[11]) + int(fields[12])
        return spent * 1000 / TICKS


@contextlib.contextmanager
def site_at(address: str, processes: int = 1) -> Iterator[Site]:
    """Give the site at an address; without one, one of our own that ends with the block."""
    if address:
        yield Site([address.rstrip("/")])
        return
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as running:
        pids, addresses = [], []
        for number in range(processes):
            started = running.enter_context(process(home, FIRST_PORT + number))
            pids.append(started.pid)
            addresses.append(f"http://127.0.0.1:{FIRST_PORT + number}")
        yield Site(addresses, pids, Path(home, "tongxing.db"))


@contextlib.contextmanager
def process(home: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Serve what lies in a folder until the block ends."""
    env = os.environ | {
        "TONGXING_HOME": home, "TONGXING_DEMO": "1", "TONGXING_DEMO_SIZE": "small",
        "TONGXING_LOG_LEVEL": "error", "TONGXING_SCHEDULER": "0", "PORT": str(port),
    }  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "serve"],
        cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _turn in range(1200):
            with contextlib.suppress(OSError):
                if Visitor(f"http://127.0.0.1:{port}").get("/healthz").status == 200:
                    break
            time.sleep(0.1)
        else:
            raise SystemExit("the site did not start")
        yield started
    finally:
        started.terminate()
        started.wait(timeout=30)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: "http.client.HTTPMessage"
    body: bytes


class Visitor:
    """One connection that stays open, from an address of its own on loopback if one is given."""

    def __init__(self, address: str, source: str = "") -> None:
        parts = urlsplit(address)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(
            parts.hostname or "", parts.port, timeout=60,
            source_address=(source, 0) if source else None,
        )  # fmt: skip

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def wire(self) -> socket.socket:
        """Return the open connection itself, for who sends bytes that are made before."""
        if self._connection.sock is None:
            self._connection.connect()
        return self._connection.sock
