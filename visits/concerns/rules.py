"""How far a worry has been put into words. Nothing here reads a clock or a database."""

from enum import StrEnum


class State(StrEnum):
    """The first states of an incident (domain.md §5.6): the safeguarding lead sees both."""

    DRAFT = "draft"
    """Said to be there; the words are still to come."""
    RAISED = "raised"
