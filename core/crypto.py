"""Sealed texts: AES-256-GCM, bound to the table, column and row they belong to.

A sealed text is base64 of: algorithm byte (1 = AES-256-GCM), key id byte (0: a key of the row's
own), 12 bytes nonce, cipher text with its 16-byte tag. Moved to another row or column it no
longer opens.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core import keys
from core.keys import KeyFileError, Ring

ALGORITHM, OWN = 1, 0
FIRST = bytes((ALGORITHM,))
BLIND = 16
"""Bytes of a blind index: 128 bits, too many to meet by chance."""


class Unreadable(Exception):
    """The text was sealed with another key or for another place, or was changed."""


class KeyMissing(Exception):
    """No key has been given to this process: nothing is sealed, nothing opens."""


class Box:
    """Seals and opens short texts with one key of 32 bytes."""

    __slots__ = ("_cipher", "_head")

    def __init__(self, key: bytes, key_id: int = OWN) -> None:
        self._cipher = AESGCM(key)
        self._head = bytes((ALGORITHM, key_id))

    def seal(self, text: str, place: str) -> str:
        """Return the text sealed for one place, named as `table.column/row`."""
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, text.encode(), place.encode())
        return base64.b64encode(self._head + nonce + sealed).decode()

    def open(self, sealed: str, place: str) -> str:
        """Return the text that was sealed for that place. Raises Unreadable."""
        return self.open_row([sealed], [place.encode()], b"")[0]

    def open_row(
        self, sealed: Sequence[str | None], columns: Sequence[bytes], row: bytes
    ) -> tuple[str, ...]:
        """Return a row's texts, each sealed for its column (`table.column/`) and the row.

        Empty where there is none. One call a row: a page opens hundreds. Raises Unreadable.
        """
        head, decrypt, texts, column = self._head, self._cipher.decrypt, [], b""
        try:
            for one, column in zip(sealed, columns, strict=True):
                if one is None:
                    texts.append("")
                    continue
                raw = binascii.a2b_base64(one)
                if raw[:2] != head:
                    raise Unreadable((column + row).decode())
                texts.append(decrypt(raw[2:14], raw[14:], column + row).decode())
        except (InvalidTag, ValueError) as error:
            raise Unreadable((column + row).decode()) from error
        return tuple(texts)


class Sealer:
    """Seals with the current key of a ring, opens with whichever key sealed."""

    def __init__(self, given: bytes | Ring) -> None:
        self.ring = Ring({1: given}) if isinstance(given, bytes) else given
        self._boxes = {key_id: Box(key, key_id) for key_id, key in self.ring.keys.items()}
        self._derived: dict[tuple[int, str], bytes] = {}

    def seal(self, text: str, place: str) -> str:
        """Return the text sealed for one place, named as `table.column/row`."""
        return self._boxes[self.ring.current].seal(text, place)

    def open(self, sealed: str, place: str) -> str:
        """Return the text that was sealed for that place. Raises Unreadable."""
        box = self._boxes.get(key_id_of(sealed))
        if box is None:
            raise Unreadable(place)
        return box.open(sealed, place)

    def derived(self, purpose: str) -> tuple[int, bytes]:
        """Return a key of 32 bytes for one other purpose, and the id of the key it stems from."""
        return self.ring.current, self.derived_by(self.ring.current, purpose)

    def derived_by(self, key_id: int, purpose: str) -> bytes:
        """Return the same key again after the current one has changed. Raises KeyMissing."""
        found = self._derived.get((key_id, purpose))
        if found is None:
            if key_id not in self.ring.keys:
                raise KeyMissing(f"key {key_id}")
            kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
            found = self._derived[key_id, purpose] = kdf.derive(self.ring.keys[key_id])
        return found

    def blind(self, key_id: int, half: bytes, text: str, column: str) -> bytes:
        """Return what a column's text is looked up by without being opened.

        `half` lies in the vault: who has a backup and the key file cannot try out all phones.
        """
        key = self.derived_by(key_id, f"blind/{column}")
        return hmac.digest(key, half + text.encode(), "sha256")[:BLIND]


def key_id_of(sealed: str) -> int:
    """Return the id of the key that sealed a text; -1 when it is no sealed text."""
    try:
        head = binascii.a2b_base64(sealed[:4])
    except (binascii.Error, ValueError):
        return -1
    return head[1] if len(head) > 1 and head[0] == ALGORITHM else -1


def split(sealed: str) -> tuple[int, bytes, bytes]:
    """Return the id of the key that sealed, the nonce and the cipher text. Raises ValueError."""
    raw = binascii.a2b_base64(sealed)
    if raw[:1] != FIRST:
        raise ValueError(sealed[:4])
    return raw[1], raw[2:14], raw[14:]


class _Keys:
    """The keys of this process, read again when somebody has added one to their file."""

    def __init__(self) -> None:
        self._sealer: Sealer | None = None
        self._file: Path | None = None
        self._seen: tuple[int, int] = (0, 0)

    def use(self, given: bytes | Ring, file: Path | None) -> None:
        self._sealer, self._file = Sealer(given), file
        self._seen = self._mark()

    def sealer(self) -> Sealer:
        if self._sealer is None:
            raise KeyMissing
        if self._file and self._mark() != self._seen:
            self._read_again(self._file, self._sealer)
        return self._sealer

    def _mark(self) -> tuple[int, int]:
        try:
            found = os.stat(self._file) if self._file else None  # noqa: PTH116 - once a sealed text
        except OSError:
            return self._seen
        return (found.st_ino, found.st_mtime_ns) if found else (0, 0)

    def _read_again(self, file: Path, now: Sealer) -> None:
        """Take new keys, but only a file that still holds all those in use: never another's."""
        mark = self._mark()
        try:
            ring = keys.load(file)
        except KeyFileError:
            return
        if ring.holds(now.ring):
            self._sealer, self._seen = Sealer(ring), mark


_own = _Keys()


def use_key(given: bytes | Ring, file: Path | None = None) -> None:
    """Give this process its keys; called once, when the application is put together."""
    _own.use(given, file)


def sealer() -> Sealer:
    """Return the sealer of this process. Raises KeyMissing."""
    return _own.sealer()
