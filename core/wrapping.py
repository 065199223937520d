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
    return Box(_key(wrapped, half, place))


def all_unwrapped(column: str, wrapped: Iterable[tuple[str, bytes | None, str]]) -> Iterator[Box]:
    """Give the boxes of a column's wrapped keys, for lists: none is kept beyond its row.

    Each comes with its half and its row. Raises Unreadable.
    """
    return map(Box, _keys(column, wrapped))


def wrapped_anew(wrapped: str, half: bytes | None, place: str) -> str:
    """Return the same key wrapped with the current key of the file. Raises Unreadable."""
    return _wrapped(sealer(), _key(wrapped, half, place), half, place)


def _wrapped(seals: Sealer, key: bytes, half: bytes | None, place: str) -> str:
    key_id, column = seals.ring.current, place.partition("/")[0]
    if half is None:
        raise Unreadable(place)
    wrapper = _wrapper(seals.derived_by(key_id, column), half)
    return Box(wrapper, key_id).seal(key.hex(), place)


def _key(wrapped: str, half: bytes | None, place: str) -> bytes:
    column, _slash, row = place.partition("/")
    return next(_keys(column, [(wrapped, half, row)]))


def _keys(column: str, wrapped: Iterable[tuple[str, bytes | None, str]]) -> Iterator[bytes]:
    """Give wrapped keys; a page unwraps one a row, so what they share is made once."""
    seals, own = sealer(), dict[int, bytes]()
    for text, half, row in wrapped:
        place = f"{column}/{row}"
        try:
            key_id, nonce, sealed = split(text)
            if key_id not in own and key_id in seals.ring.keys:
                own[key_id] = seals.derived_by(key_id, column)
            if half is None or key_id not in own:
                raise Unreadable(place)
            cipher = AESGCM(_wrapper(own[key_id], half))
            yield unhexlify(cipher.decrypt(nonce, sealed, place.encode()))
        except (InvalidTag, ValueError) as error:
            raise Unreadable(place) from error


def _wrapper(own: bytes, half: bytes) -> bytes:
    return blake2b(half, key=own, digest_size=32).digest()
