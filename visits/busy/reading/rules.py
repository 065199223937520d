"""A calendar file from outside, taken apart before any library sees it: small, flat, and bare.

Only events are kept, and of an event only when it is: titles, places and guests are never read.
Zones that a file defines by rules of its own are left out; well-known names stay.
"""

from collections.abc import Iterator
from enum import StrEnum

LARGEST = 800_000
"""Bytes of a file."""
MOST_EVENTS = 2_000
DEEPEST = 4
LONGEST_LINE = 4_000
"""Of what is kept: a list of exceptions may be long, a line of megabytes is nobody's calendar."""
KEPT = frozenset({
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS",
    "TRANSP",
})  # fmt: skip


class Wrong(StrEnum):
    """Why a file is not taken."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NO_CALENDAR = "no_calendar"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    BROKEN = "broken"


class BadCalendar(Exception):
    """The file is not taken; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


def bare(content: bytes) -> str:
    """Return a calendar of nothing but bare events. Raises BadCalendar."""
    if len(content) > LARGEST:
        raise BadCalendar(Wrong.TOO_LARGE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCalendar(Wrong.NOT_UTF8) from error
    if "\0" in text:
        raise BadCalendar(Wrong.NOT_UTF8)
    lines = list(_events(_unfolded(text)))
    return "\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""])


def _unfolded(text: str) -> Iterator[str]:
    """Return whole lines: one that begins with a blank goes on from the one before."""
    held: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in {" ", "\t"} and held:
            held.append(line[1:])
            continue
        if held:
            yield "".join(held)
        held = [line]
    yield "".join(held)


def _events(lines: Iterator[str]) -> Iterator[str]:
    """Return the lines of events that are kept. Raises BadCalendar."""
    inside: list[str] = []
    events, calendars = 0, 0
    for line in lines:
        name, value = _split(line)
        if name == "BEGIN":
            inside.append(value)
            calendars += value == "VCALENDAR"
            events += value == "VEVENT"
            _refuse(inside, events)
        elif name == "END" and (not inside or inside[-1] != value):
            raise BadCalendar(Wrong.BROKEN)
        if inside[-1:] == ["VEVENT"] and (name in {"BEGIN", "END"} or name in KEPT):
            if len(line) > LONGEST_LINE:
                raise BadCalendar(Wrong.BROKEN)
            yield line
        if name == "END":
            inside.pop()
    if not calendars:
        raise BadCalendar(Wrong.NO_CALENDAR)
    if inside:
        raise BadCalendar(Wrong.BROKEN)


def _refuse(inside: list[str], events: int) -> None:
    if len(inside) > DEEPEST:
        raise BadCalendar(Wrong.TOO_DEEP)
    if events > MOST_EVENTS:
        raise BadCalendar(Wrong.TOO_MANY)


def _split(line: str) -> tuple[str, str]:
    """Return a line's name without its parameters, and its value."""
    head, _colon, value = line.partition(":")
    name = head.partition(";")[0].strip().upper()
    return name, value.strip().upper() if name in {"BEGIN", "END"} else value
