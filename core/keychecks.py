"""A check value of each key in the database: a wrong key file is noticed before it does harm.

A site that went on with another key would seal new texts nobody opens later and find every old
one unreadable. So the start compares, and until it agrees no page is served.
"""

import hmac

from flask import Flask, current_app, request
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from core import fences
from core.crypto import Sealer, Unreadable, sealer
from core.db import Base, db, insert_once, transaction
from core.sealing import everything

PURPOSE, FITS = "key check", "keys_fit"
UNCHECKED = frozenset({None, "static", "health.healthz", "health.readyz"})


class WrongKey(Exception):
    """The key file is not the one this database was sealed with; the text is one line."""


class KeyCheck(Base):
    """What a key with this id has to give; says nothing about the key."""

    __tablename__ = "key_checks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    check: Mapped[str] = mapped_column(String(32))


def verify() -> None:
    """Compare the keys of this process with the database. Raises WrongKey."""
    seals = sealer()
    known = {row.id: row.check for row in db.session.execute(select(KeyCheck.id, KeyCheck.check))}
    for key_id, check in sorted(known.items()):
        if key_id not in seals.ring.keys:
            raise WrongKey(f"key {key_id} is missing; what is sealed here needs it")
        if not hmac.compare_digest(_check(seals, key_id), check):
            raise WrongKey(f"key {key_id} is not the one this database was sealed with")
    if not known:
        _try_a_text_of_each()


def remember() -> None:
    """Verify, then keep the check values of new keys. Raises WrongKey."""
    verify()
    seals = sealer()
    with transaction():
        for key_id in seals.ring.keys:
            insert_once(KeyCheck, id=key_id, check=_check(seals, key_id))


def init_app(app: Flask) -> None:
    """Serve no page before the keys have been compared with the database, once a process."""
    app.before_request(_before_any_page)


def _before_any_page() -> None:
    if request.endpoint not in UNCHECKED and not current_app.extensions.get(FITS):
        verify()
        current_app.extensions[FITS] = True


def _check(seals: Sealer, key_id: int) -> str:
    return hmac.digest(seals.derived_by(key_id, PURPOSE), b"", "sha256").hex()[:32]


def _try_a_text_of_each() -> None:
    """A database from before there were check values: what it holds has to open."""
    with fences.everything():
        for one in everything():
            try:
                one.sample(db.session())
            except Unreadable as error:
                raise WrongKey("it does not open what this database has sealed") from error
