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
from functools import lru_cache
from pathlib import Path

from core.crypto import Unreadable

NAME, HALF = 16, 32
SLOT = NAME + HALF
GONE = bytes(HALF)
NEAR = 1000
"""Slots this near to each other are read at once: a page of a list lies together mostly."""


class VaultMissing(Exception):
    """No vault has been given to this process, or its file cannot be used."""


class Vault:
    """A file of halves; any number of processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._slots: dict[str, int] = {}

    def add(self, names: Sequence[str]) -> list[int]:
        """Make a new half for each record and return their slots; on disk before it returns."""
        with self._open(os.O_RDWR | os.O_CREAT) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            return _added(handle, names)

    def shared(self, name: str) -> bytes:
        """Return the half that all rows of a kind share, made by whoever asks first."""
        found = self.found(name)
        if found is None:
            with self._open(os.O_RDWR | os.O_CREAT) as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                slot = _living(handle, name)
                self._slots[name] = _added(handle, [name])[0] if slot is None else slot
            found = self.half(self._slots[name], name)
        return found

    def found(self, name: str) -> bytes | None:
        """Return a half by its name alone, if it is there and has not been destroyed."""
        if name not in self._slots and self.path.exists():
            with self._open(os.O_RDONLY) as handle:
                slot = _living(handle, name)
            if slot is not None:
                self._slots[name] = slot
        slots = [(self._slots[name], name)] if name in self._slots else []
        return next(iter(self.halves(slots)), None) if slots else None

    def forget(self, name: str) -> None:
        """Destroy the half with that name, if there is one."""
        if self.found(name) is not None:
            self.destroy([self._slots.pop(name)])

    def halves(self, wanted: Iterable[tuple[int, str]]) -> list[bytes | None]:
        """Return the half in each slot; None where it is destroyed, missing or another's."""
        asked = list(wanted)
        if not asked:
            return []
        first, last = min(slot for slot, _name in asked), max(slot for slot, _name in asked)
        with self._open(os.O_RDONLY) as handle:
            if last - first >= NEAR:
                return [_half(os.pread(handle, SLOT, slot * SLOT), name) for slot, name in asked]
            near = os.pread(handle, (last - first + 1) * SLOT, first * SLOT)
        return [
            _half(near[(slot - first) * SLOT : (slot - first + 1) * SLOT], name)
            for slot, name in asked
        ]

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


def _added(handle: int, names: Sequence[str]) -> list[int]:
    first = -(-os.fstat(handle).st_size // SLOT)  # behind whatever a power cut has torn
    halves = b"".join(_named(name) + os.urandom(HALF) for name in names)
    os.pwrite(handle, halves, first * SLOT)
    os.fsync(handle)
    return list(range(first, first + len(names)))


def _living(handle: int, name: str) -> int | None:
    """Return the first slot with that name whose half is not destroyed: looks at all of them."""
    whole = os.pread(handle, os.fstat(handle).st_size, 0)
    at = whole.find(_named(name))
    while at >= 0:
        if at % SLOT == 0 and _half(whole[at : at + SLOT], name) is not None:
            return at // SLOT
        at = whole.find(_named(name), at + 1)
    return None


@lru_cache(maxsize=10_000)
def _named(name: str) -> bytes:
    """Return what a slot holds of a name; lists ask for the same ones again and again."""
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
