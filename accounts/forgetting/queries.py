"""Whether an account has been forgotten."""

from sqlalchemy import ColumnElement, String, cast

from accounts.forgetting.rules import NOWHERE
from accounts.models import Person


def is_forgotten() -> ColumnElement[bool]:
    """Return the condition that nothing is left of a person but a number."""
    return Person.email == cast(Person.id, String).concat(NOWHERE)
