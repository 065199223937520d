"""The words of a consent, by purpose and version. Nothing here reads a clock or a file."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from children.rules import Purpose

NOTICE = "registry_notice"
"""Filing rests on a duty of the state, so it is told, not asked (PIPL 13, 35 [T])."""
ABOUT = (NOTICE, *(purpose.value for purpose in Purpose))
MARKS = {"# ": "title", "## ": "heading", "- ": "item"}


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One text in one language, as it was shown: a new wording is a new version."""

    about: str
    version: str
    body: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the text in hexadecimal: what an answer keeps as its proof."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def title(self) -> str:
        return next(text for kind, text in self.lines() if kind == "title")

    @property
    def blocks(self) -> list[tuple[str, list[str]]]:
        """Return headings, paragraphs and lists as (kind, lines), without the title."""
        found: list[tuple[str, list[str]]] = []
        for kind, text in self.lines():
            if kind == "item" and found and found[-1][0] == "item":
                found[-1][1].append(text)
            elif kind != "title":
                found.append((kind, [text]))
        return found

    def lines(self) -> Iterator[tuple[str, str]]:
        """Give each line with its kind: title, heading, item or text."""
        for line in filter(None, self.body.splitlines()):
            mark = next((mark for mark in MARKS if line.startswith(mark)), "")
            yield MARKS.get(mark, "text"), line.removeprefix(mark)
