"""The vault: one half of a key for each record that can be forgotten for good.

A file of its own beside the key file, never in the data folder and never in its backups: fixed
slots of 48 bytes, the first 16 name the record, the other 32 are random. The wrapping key of a
record is made of this half and of the key file. Overwriting the half makes every copy of the
record unreadable, in old backups too. A slot is never used again.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.crypto import Unreadable

NAME, HALF = 16, 32
SLOT = NAME + HALF
GONE = bytes(HALF)


class VaultMissing(Exception):
    """No vault has been given to this process, or its file cannot be used."""


class Vault:
    """A file of halves; any number of processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, names: Sequence[str]) -> list[int]:
        """Make a new half for each record and return their slots; on disk before it returns."""
        with self._open(os.O_RDWR | os.O_CREAT) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            first = -(-os.fstat(handle).st_size // SLOT)  # behind whatever a power cut has torn
            halves = b"".join(_named(name) + os.urandom(HALF) for name in names)
            os.pwrite(handle, halves, first * SLOT)
            os.fsync(handle)
        return list(range(first, first + len(names)))

    def halves(self, wanted: Iterable[tuple[int, str]]) -> list[bytes | None]:
        """Return the half in each slot; None where it is destroyed, missing or another's."""
        with self._open(os.O_RDONLY) as handle:
            return [_half(os.pread(handle, SLOT, slot * SLOT), name) for slot, name in wanted]

    def half(self, slot: int, name: str) -> bytes:
        """Return one record's half. Raises Unreadable."""
        (found,) = self.halves([(slot, name)])
        if found is None:
            raise Unreadable(f"vault/{slot}")
        return found

    def destroy(self, slots: Iterable[int]) -> None:
        """Overwrite halves for good; on disk before it returns. Doing it twice does no harm."""
        with self._open(os.O_RDWR) as handle:
            for slot in slots:
                os.pwrite(handle, GONE, slot * SLOT + NAME)
            os.fsync(handle)

    def holds(self, slot: int, name: str) -> bool:
        """Whether the slot was made for that record, its half destroyed or not."""
        try:
            with self._open(os.O_RDONLY) as handle:
                return os.pread(handle, NAME, slot * SLOT) == _named(name)
        except VaultMissing:
            return False

    @contextmanager
    def _open(self, how: int) -> Iterator[int]:
        try:
            handle = os.open(self.path, how, 0o600)
        except OSError as error:
            raise VaultMissing(str(self.path)) from error
        try:
            yield handle
        finally:
            os.close(handle)


def _named(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:NAME]


def _half(slot: bytes, name: str) -> bytes | None:
    half = slot[NAME:]
    return half if len(slot) == SLOT and slot[:NAME] == _named(name) and half != GONE else None


_own: list[Vault] = []


def use(path: Path) -> None:
    """Give this process its vault; called once, when the application is put together."""
    _own[:] = [Vault(path)]


def vault() -> Vault:
    """Return the vault of this process. Raises VaultMissing."""
    if not _own:
        raise VaultMissing("none given")
    return _own[0]
