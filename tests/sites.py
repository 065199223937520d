"""A whole site as people run it: its own process, database, mail server and clock."""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.error import URLError

from aiosmtpd.controller import Controller

from tests.servers import free_port

ROOT = Path(__file__).parent.parent
START_SECONDS = 60


class Sink:
    """A real SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in list(self.mails) if address in str(mail["To"])]


@dataclass
class RunningSite:
    """A site in a process of its own."""

    url: str
    home: Path
    sink: Sink
    env: dict[str, str]
    process: "subprocess.Popen[bytes]" = field(repr=False)

    def command(self, *words: str) -> str:
        """Run one of the site's own commands beside it, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=ROOT, env=self.env, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def accounts(self) -> dict[str, dict[str, str]]:
        """Return the demonstration's sign-ins by role; the first of a role."""
        found: dict[str, dict[str, str]] = {}
        for account in json.loads(self.command("demo", "accounts", "--json")):
            found.setdefault(account["role"], account)
        return found

    def advance(self, by: str) -> None:
        self.command("demo", "clock", "--advance", by)


def key_file_beside(home: Path) -> Path:
    """Return where a real site of a test keeps its key."""
    folder = home.with_name(f"{home.name}-keys")
    folder.mkdir(exist_ok=True)
    return folder / "key"


@contextmanager
def running_site(home: Path, **settings: str) -> Iterator[RunningSite]:
    """Serve a demonstration with the small data from an empty folder, until the block ends."""
    sink, mail_port, port = Sink(), free_port(), free_port()
    mail_server = Controller(sink, hostname="127.0.0.1", port=mail_port)
    mail_server.start()
    env = {key: value for key, value in os.environ.items() if not key.startswith("TONGXING_")} | {
        "TONGXING_HOME": str(home),
        "TONGXING_DEMO": "1",
        "TONGXING_DEMO_SIZE": "small",
        "TONGXING_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        "TONGXING_LOG_LEVEL": "warning",
        "PORT": str(port),
        "PYTHONWARNINGS": "ignore",
    }
    env |= settings
    if env["TONGXING_DEMO"] == "0":  # as docs/operating.md asks for: outside of the data folder
        env.setdefault("TONGXING_KEY_FILE", str(key_file_beside(home)))
    log = (home / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "serve"],
        cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    site = RunningSite(f"http://127.0.0.1:{port}", home, sink, env, process)
    try:
        _wait_until_it_answers(site)
        yield site
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()
        mail_server.stop()


def _wait_until_it_answers(site: RunningSite) -> None:
    for _turn in range(START_SECONDS * 10):
        if site.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=5):  # noqa: S310 - our own
                return
        except (URLError, ConnectionError):
            threading.Event().wait(0.1)
    raise AssertionError(f"the site did not start:\n{(site.home / 'log').read_text()[-3000:]}")
