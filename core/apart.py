"""Long work in a process of its own, so that the site goes on answering meanwhile.

One JSON text goes in, lines of JSON come out, the last one the answer. The process knows no
database and no secrets; whoever started it may end it at any moment.
"""

import json
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PATIENCE = 5.0
"""Seconds without a word after which `words` says so."""
MEMORY = 4 * 1024 * 1024 * 1024
POLITE = 10
ROOT = Path(__file__).resolve().parents[1]


class NoAnswer(Exception):
    """The process ended without an answer, took too long, or its answer cannot be right."""


def words(
    module: str, asked: object, *, longest: float, env: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any] | None]:
    """Run one of our modules; yield what it says, and None whenever it is silent for a while.

    Ends with the process, or after `longest` seconds. Raises NoAnswer if it does not listen.
    """
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
    while time.monotonic() - began < longest:
        if not select.select([pipe], [], [], PATIENCE)[0]:
            yield None
            continue
        part = os.read(pipe, 1 << 16)
        if not part:
            return
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
