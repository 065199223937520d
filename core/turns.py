"""A job's many things one after the other: what fails at one of them does not stop the others."""

from collections.abc import Callable, Iterable

from sqlalchemy.exc import SQLAlchemyError

from core.errors import NotYours, RuleBroken
from core.logs import log
from core.writers import WriterBusy

EXPECTED = (
    RuleBroken, NotYours, WriterBusy, SQLAlchemyError,
    ArithmeticError, LookupError, TypeError, ValueError,
)  # fmt: skip
"""What one record may be bad enough for; anything else is the site's own trouble and ends the run.
"""


class SomeFailed(Exception):
    """A run has done what it could; how many it could not do, so that the job counts as failed."""


def in_turn(job: str, things: Iterable[tuple[int, str]], act: Callable[[int], int]) -> int:
    """Do a job for each thing, given by id and uid, and return the sum of what `act` returns.

    Each is a transaction of its own. Raises SomeFailed when all had their turn.
    """
    done, failed = 0, 0
    for thing_id, uid in things:
        try:
            done += act(thing_id)
        except EXPECTED as error:
            failed += 1
            log.error("one of many failed", job=job, of=uid, error=type(error).__name__)
    if failed:
        raise SomeFailed(failed)
    return done
