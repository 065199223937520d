"""What a service may refuse to do.

A view turns these into a message or a status; nothing else catches them.
"""


class RuleBroken(Exception):
    """A rule of the domain forbids it; the reasons are meant for the person asking."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("；".join(reasons))
        self.reasons = reasons


class NotYours(Exception):
    """The record is missing or another's: both are the same 404, never a 403."""
