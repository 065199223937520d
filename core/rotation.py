"""Changing the key: a new current one in the file, then every sealed text sealed anew.

In batches, each a transaction of its own, so that the site goes on. Killed at any moment it can
be begun again: a text says which key sealed it, and the file keeps the old keys.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from core import audit, fences, keychecks, keys
from core.crypto import sealer
from core.db import db, transaction
from core.sealing import Sealed, everything

BATCH = 200
Told = Callable[[str, int], None]
"""Told after each batch: what is being sealed anew, and how many texts so far."""


def rotate(key_file: Path, told: Told) -> tuple[int, bool]:
    """Change the key; return the current key's id and whether a new one was made.

    When an earlier change was cut off, that one is finished and no other key is made.
    Raises WrongKey, KeyFileError.
    """
    with fences.everything():  # what is not seen would be left behind, and then not open
        keychecks.remember()
        if _through(told):
            _finish()
            return sealer().ring.current, False
        key_id = keys.add(key_file)
        keychecks.remember()
        with transaction():
            audit.record("keys_rotated", "key", key_id, by=None)
        while _through(told):  # until nobody who still held the old key has written anything
            pass
        _finish()
    return key_id, True


def used() -> dict[str, Counter[int]]:
    """Return for everything sealed how many texts each key has sealed, by the key's id."""
    with fences.everything():
        return {one.name: one.used(db.session()) for one in everything()}


def _finish() -> None:
    for one in everything():
        one.finish()


def _through(told: Told) -> int:
    return sum(_seal_anew(one, told) for one in everything())


def _seal_anew(one: Sealed, told: Told) -> int:
    after: int | None = 0
    done = 0
    while after is not None:
        with transaction() as session:
            after, more = one.reseal(session, after, BATCH)
        done += more
        if more:
            told(one.name, done)
    return done
