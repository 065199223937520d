"""Passwords: argon2id, never more at once than leave the other pages a processor.

OWASP's parameters by default (19 MiB, two passes, one lane); 64 MiB and three passes in the
profile for level 3 of China's graded protection.

A hash costs about 35 ms of one processor. A flood of sign-ins would take them all, so hashes stand
behind a gate that lets in as many as half the processors and turns the others away at once: nobody
waits in line. They are worked out by as many threads of their own, since every thread that ever
hashed keeps the 19 MiB that it took.
"""

import os
import threading
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
AGAIN_SECONDS = 3
STANDARD = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
LEVEL_3 = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)

_gate = threading.BoundedSemaphore(AT_ONCE)
_here = threading.local()
_hashers = ThreadPoolExecutor(AT_ONCE, "hash")
_profile = "standard"
_hasher = STANDARD
_nobodys = STANDARD.hash("the password of nobody")


class Busy(Exception):
    """As many passwords are being checked as may be; in some seconds there is room again."""

    seconds = AGAIN_SECONDS


def use_profile(profile: str) -> None:
    """Hash with the parameters of a profile from now on; older hashes still open."""
    global _hasher, _nobodys, _profile  # noqa: PLW0603 - one site a process
    _profile = profile
    wanted = LEVEL_3 if profile == "mlps3" else STANDARD
    if wanted is not _hasher:
        _hasher, _nobodys = wanted, wanted.hash("the password of nobody")


def _after_fork() -> None:
    """Threads are not inherited: a new process has its own."""
    global _gate, _hashers
    _gate, _hashers = threading.BoundedSemaphore(AT_ONCE), ThreadPoolExecutor(AT_ONCE, "hash")


os.register_at_fork(after_in_child=_after_fork)


def profile() -> str:
    """Return which profile this site follows."""
    return _profile


@contextmanager
def gate() -> Iterator[None]:
    """Let the block hash if there is room; the thread inside may pass again. Raises Busy."""
    if getattr(_here, "inside", False):
        yield
        return
    if not _gate.acquire(blocking=False):
        raise Busy
    _here.inside = True
    try:
        yield
    finally:
        _here.inside = False
        _gate.release()


def _same(password: str) -> str:
    """Return the password as it is hashed: typed wide or narrow, it is the same one."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Return what is stored of a password. Never inside a transaction. Raises Busy."""
    with gate():
        return _hashers.submit(_hasher.hash, _same(password)).result()


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; without a stored one it takes as long to say no.

    Raises Busy.
    """
    with gate():
        try:
            fits = _hashers.submit(_hasher.verify, stored or _nobodys, _same(password)).result()
        except (VerificationError, InvalidHashError):
            return False
        return fits and stored is not None


def is_dated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)
