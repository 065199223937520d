"""Sealed texts: AES-256-GCM, bound to the table, column and row they belong to.

A sealed text is base64 of: algorithm byte (1 = AES-256-GCM), key id byte, 12 bytes nonce,
cipher text with its 16-byte tag. Moved to another row or column it no longer opens.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM, KEY_ID = 1, 1


class Unreadable(Exception):
    """The text was sealed with another key or for another place, or was changed."""


class KeyMissing(Exception):
    """No key has been given to this process: nothing is sealed, nothing opens."""


class Sealer:
    """Seal and open short texts with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def seal(self, text: str, place: str) -> str:
        """Return the text sealed for one place, named as `table.column/row`."""
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, text.encode(), place.encode())
        return base64.b64encode(bytes((ALGORITHM, KEY_ID)) + nonce + sealed).decode()

    def open(self, sealed: str, place: str) -> str:
        """Return the text that was sealed for that place. Raises Unreadable."""
        raw = base64.b64decode(sealed)
        if raw[:2] != bytes((ALGORITHM, KEY_ID)):
            raise Unreadable(place)
        try:
            return self._cipher.decrypt(raw[2:14], raw[14:], place.encode()).decode()
        except InvalidTag as error:
            raise Unreadable(place) from error

    def derived(self, purpose: str) -> tuple[int, bytes]:
        """Return a key of 32 bytes for one other purpose, and the id of the key it stems from."""
        kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
        return KEY_ID, kdf.derive(self._key)


_own: list[Sealer] = []


def use_key(key: bytes) -> None:
    """Give this process its key; called once, when the application is put together."""
    _own[:] = [Sealer(key)]


def sealer() -> Sealer:
    """Return the sealer of this process. Raises KeyMissing."""
    if not _own:
        raise KeyMissing
    return _own[0]
