"""Rows for tests: each call gives a valid one, and a test says only what matters to it.

What each room builds is in tests/builders/. Everything private about a child carries CANARY, so
a page that leaks it gives itself away.
"""

from itertools import count
from typing import TypeVar

from core.db import Base, transaction

CANARY = "不得外传"
Row = TypeVar("Row", bound=Base)
numbers = count(1)


def saved(row: Row) -> Row:
    """Write the row and return it."""
    with transaction() as session:
        session.add(row)
        session.flush()  # within a transaction of the caller's the row gets its id all the same
    return row


def a_number() -> int:
    return next(numbers)
