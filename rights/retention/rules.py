"""What is kept for how long. Nothing here reads a clock or a database."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is kept, in the order in which it is told."""

    FORMS = "forms"
    SESSIONS = "sessions"
    SIGN_UPS = "sign_ups"
    DONORS = "donors"
    MESSAGES = "messages"
    LINKS = "links"
    REQUESTS = "requests"
    WITHDRAWN = "withdrawn"
    ENDED_FILES = "ended_files"
    ASSESSMENTS = "assessments"
    AUDIT = "audit"


class Way(StrEnum):
    """What becomes of what is over its term."""

    BY_ITSELF = "by_itself"
    TWO_PEOPLE = "two_people"
    KEPT = "kept"


WAYS = {
    Kind.WITHDRAWN: Way.TWO_PEOPLE,
    Kind.ENDED_FILES: Way.TWO_PEOPLE,
    Kind.ASSESSMENTS: Way.KEPT,
    Kind.AUDIT: Way.KEPT,
}
"""The others go by themselves; audit rows are chained and only ever reported."""


@dataclass(frozen=True, slots=True)
class Due:
    """How much of a kind is over its term, and the term in words' numbers."""

    kind: Kind
    number: int
    term: int

    @property
    def way(self) -> Way:
        return WAYS.get(self.kind, Way.BY_ITSELF)
