"""What a correction changes, line by line. Pure."""

from difflib import SequenceMatcher
from enum import StrEnum

from campaigns.rules import lines


class Mark(StrEnum):
    """What became of a line."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


def changes(before: str, after: str) -> list[tuple[Mark, str]]:
    """Return the lines of both texts in the reader's order, what is gone before what is new."""
    old, new = lines(before), lines(after)
    found: list[tuple[Mark, str]] = []
    for kind, from_old, to_old, from_new, to_new in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            found += [(Mark.SAME, line) for line in old[from_old:to_old]]
            continue
        found += [(Mark.GONE, line) for line in old[from_old:to_old]]
        found += [(Mark.NEW, line) for line in new[from_new:to_new]]
    return found


def changed(before: str, after: str) -> bool:
    """Whether a text says something else; blank lines and ends of lines say nothing."""
    return lines(before) != lines(after)
