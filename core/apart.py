"""Long work in a process of its own, so that the site goes on answering meanwhile.

One JSON text goes in, lines of JSON come out, the last one the answer. The process knows no
database and no secrets; whoever started it may end it at any moment. When the site stops it ends
at once: whoever waited for it gives the work back, for the next one to take up.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Any

PATIENCE = 5.0
"""Seconds without a word after which `words` says so."""
LISTEN = 0.25
"""Seconds after which somebody who waits looks whether the site is stopping."""
SOON = 2.0
"""Seconds within which the site is told to stop as well: else its work alone was ended."""
ASKED_TO_STOP = frozenset({-signal.SIGTERM, -signal.SIGINT})
"""How a process ends that was asked to together with the site: by Ctrl+C, or by a supervisor."""
MEMORY = 4 * 1024 * 1024 * 1024
POLITE = 10
ROOT = Path(__file__).resolve().parents[1]


_stopping = Event()


class NoAnswer(Exception):
    """The process ended without an answer, took too long, or its answer cannot be right."""


class Stopped(Exception):
    """The site is stopping: nothing is wrong with the work, somebody else takes it up."""


def stop() -> None:
    """End what this site has started apart, and start nothing more."""
    _stopping.set()


def allow() -> None:
    """Start work apart again, as at first."""
    _stopping.clear()


def words(
    module: str, asked: object, *, longest: float, env: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any] | None]:
    """Run one of our modules; yield what it says, and None whenever it is silent for a while.

    Ends with the process, or after `longest` seconds. Raises NoAnswer if it does not listen,
    Stopped when the site stops meanwhile.
    """
    if _stopping.is_set():
        raise Stopped
    with subprocess.Popen(  # noqa: S603 - our own module, and no word of anybody else
        [sys.executable, "-s", "-m", module],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=ROOT, env=dict(env or {}),
    ) as process:  # fmt: skip
        try:
            yield from _lines(process, json.dumps(asked).encode(), longest)
        except BrokenPipeError as error:
            raise NoAnswer("no answer") from error
        finally:
            process.kill()


def _lines(
    process: "subprocess.Popen[bytes]", asked: bytes, longest: float
) -> Iterator[dict[str, Any] | None]:
    if process.stdin is None or process.stdout is None:
        raise NoAnswer("no answer")
    process.stdin.write(asked)
    process.stdin.close()
    began, rest, pipe = time.monotonic(), b"", process.stdout.fileno()
    heard = began
    while time.monotonic() - began < longest:
        if _stopping.is_set():
            raise Stopped
        if not select.select([pipe], [], [], min(LISTEN, PATIENCE))[0]:
            if time.monotonic() - heard >= PATIENCE:
                heard = time.monotonic()
                yield None
            continue
        part = os.read(pipe, 1 << 16)
        if not part:
            if process.wait() in ASKED_TO_STOP and _stopping.wait(SOON):
                raise Stopped
            return
        heard = time.monotonic()
        *lines, rest = (rest + part).split(b"\n")
        yield from map(json.loads, lines)


def confine(seconds: int) -> None:
    """Let this process use so much processor time, a bounded memory and no file, and be polite."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(POLITE)


def say(what: object) -> None:
    """Say something to whoever started this process."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
