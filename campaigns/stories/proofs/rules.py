"""What shows that a withdrawn story is on a face no more."""

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

MISSING = 404
ANSWERED = frozenset({200, MISSING})
"""An answer of another kind shows nothing about the story, so it proves nothing."""
SHORTEST = 6
"""Letters of a line that tell one story from another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for an address; `read` is what a person reads on it."""

    status: int
    body: bytes
    read: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found on one face."""

    face: str
    path: str
    status: int
    sha256: str
    gone: bool

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def marks_of(texts: Collection[str], picture_uid: str | None) -> tuple[str, ...]:
    """Return what only this story would put on a page: its lines, and its picture's name."""
    lines = {" ".join(line.split()) for text in texts for line in text.splitlines()}
    marks = sorted(line for line in lines if len(line) >= SHORTEST)
    return (*marks, *([picture_uid] if picture_uid else []))


def found(name: str, answer: Answer, marks: Collection[str]) -> Found:
    """Say whether a face is without the story: read as text, and as it came.

    `name` is what the face is called, a blank, and its path.
    """
    face, _blank, path = name.partition(" ")
    read = " ".join(answer.read.split())
    raw = answer.body.decode("utf-8", "replace")
    gone = answer.status in ANSWERED and not any(mark in read or mark in raw for mark in marks)
    if face == "picture":
        gone = answer.status == MISSING
    return Found(face, path, answer.status, hashlib.sha256(answer.body).hexdigest(), gone)
