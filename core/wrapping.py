"""A key of a record's own, wrapped with what neither the key file nor the vault holds alone.

The wrapping key is a keyed BLAKE2b of the record's half in the vault, under a key derived from
the key file (as good a PRF as HMAC, at a third of its cost in lists). A backup of the database
holds the wrapped key; whoever has it and the key file, but not the half, opens nothing.
"""

import os
from binascii import unhexlify
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.crypto import Box, Sealer, Unreadable, sealer, split


def new_key(half: bytes | None, place: str) -> tuple[str, Box]:
    """Return a new key, wrapped for one place, and the box it makes. Raises Unreadable."""
    key = os.urandom(32)
    return _wrapped(sealer(), key, half, place), Box(key)


def unwrapped(wrapped: str, half: bytes | None, place: str) -> Box:
    """Return the box of a wrapped key. Raises Unreadable."""
    return Box(_key(sealer(), wrapped, half, place))


def all_unwrapped(wrapped: Iterable[tuple[str, bytes | None, str]]) -> Iterator[Box]:
    """Give the boxes of many wrapped keys, for lists: none is kept beyond its row.

    Raises Unreadable.
    """
    seals = sealer()
    for one in wrapped:
        yield Box(_key(seals, *one))


def wrapped_anew(wrapped: str, half: bytes | None, place: str) -> str:
    """Return the same key wrapped with the current key of the file. Raises Unreadable."""
    seals = sealer()
    return _wrapped(seals, _key(seals, wrapped, half, place), half, place)


def _wrapped(seals: Sealer, key: bytes, half: bytes | None, place: str) -> str:
    key_id = seals.ring.current
    return Box(_wrapper(seals, key_id, half, place), key_id).seal(key.hex(), place)


def _key(seals: Sealer, wrapped: str, half: bytes | None, place: str) -> bytes:
    """Return a wrapped key; a page unwraps one a row, so no Box is made for each."""
    try:
        key_id, nonce, text = split(wrapped)
        cipher = AESGCM(_wrapper(seals, key_id, half, place))
        return unhexlify(cipher.decrypt(nonce, text, place.encode()))
    except (InvalidTag, ValueError) as error:
        raise Unreadable(place) from error


def _wrapper(seals: Sealer, key_id: int, half: bytes | None, place: str) -> bytes:
    if half is None or key_id not in seals.ring.keys:
        raise Unreadable(place)
    own = seals.derived_by(key_id, place.partition("/")[0])
    return blake2b(half, key=own, digest_size=32).digest()
