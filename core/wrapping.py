"""A key of a record's own, wrapped with what neither the key file nor the vault holds alone.

The wrapping key is an HMAC of the record's half in the vault under a key derived from the key
file. A backup of the database holds the wrapped key; whoever has it and the key file, but not the
half, opens nothing.
"""

import hmac
import os

from core.crypto import Box, Unreadable, key_id_of, sealer


def new_key(half: bytes | None, place: str) -> tuple[str, Box]:
    """Return a new key, wrapped for one place, and the box it makes. Raises Unreadable."""
    key = os.urandom(32)
    return _wrapper(sealer().ring.current, half, place).seal(key.hex(), place), Box(key)


def unwrapped(wrapped: str, half: bytes | None, place: str) -> Box:
    """Return the box of a wrapped key. Raises Unreadable."""
    return Box(_key(wrapped, half, place))


def wrapped_anew(wrapped: str, half: bytes | None, place: str) -> str:
    """Return the same key wrapped with the current key of the file. Raises Unreadable."""
    key = _key(wrapped, half, place)
    return _wrapper(sealer().ring.current, half, place).seal(key.hex(), place)


def _key(wrapped: str, half: bytes | None, place: str) -> bytes:
    return bytes.fromhex(_wrapper(key_id_of(wrapped), half, place).open(wrapped, place))


def _wrapper(key_id: int, half: bytes | None, place: str) -> Box:
    if half is None or key_id not in sealer().ring.keys:
        raise Unreadable(place)
    own = sealer().derived_by(key_id, place.partition("/")[0])
    return Box(hmac.digest(own, half, "sha256"), key_id)
