"""A vendor's templates, as an administrator writes them down: one line a kind of message.

`visit_t2d = SMS_1234 time:when code:number` fills the template's `time` and `code` with our
`when` and `number`; without a colon both have the same name. `*` stands for every other kind.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from messages.channels.rules import Outgoing

KNOWN = frozenset({"when", "number", "link", "code"})
"""All that ever goes into a vendor's template: time, number, link, and the code of a check."""
REST = "*"
LINE = re.compile(r"(\*|[a-z0-9_]{2,30})\s*=\s*([\w-]{1,64})((?:\s+[\w.]+(?::\w+)?)*)", re.ASCII)


ADDRESS = re.compile(r"https?://[^\s<>]+")


def link_of(outgoing: Outgoing) -> str:
    """Return the link that goes with a message: the one given, else the first of its text."""
    given = dict(outgoing.values).get("link", "")
    found = ADDRESS.search(outgoing.text.body)
    return given or (found[0] if found else "")


class Unreadable(ValueError):
    """A line cannot be understood; the text is the line's number."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template at a vendor, and which of its variables takes which of ours, in its order."""

    name: str
    variables: tuple[tuple[str, str], ...] = ()

    def filled(self, outgoing: Outgoing) -> tuple[tuple[str, str], ...]:
        """Return the variables with their values; what the message does not have is empty."""
        values = {name: text for name, text in outgoing.values if name in KNOWN}
        values.setdefault("link", link_of(outgoing))
        return tuple((theirs, values.get(ours, "")) for theirs, ours in self.variables)


def parsed(text: str) -> dict[str, Template]:
    """Return the templates by kind. Raises Unreadable."""
    found: dict[str, Template] = {}
    for place, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = LINE.fullmatch(line.strip())
        if match is None:
            raise Unreadable(str(place))
        pairs = [_pair(one) for one in match[3].split()]
        if match[1] in found or any(ours not in KNOWN for _theirs, ours in pairs):
            raise Unreadable(str(place))
        found[match[1]] = Template(match[2], tuple(pairs))
    return found


def _pair(one: str) -> tuple[str, str]:
    theirs, _colon, ours = one.partition(":")
    return theirs, ours or theirs


def template_for(templates: Mapping[str, Template], kind: str) -> Template | None:
    """Return the template for a kind of message, None where the vendor has none."""
    return templates.get(kind) or templates.get(REST)
