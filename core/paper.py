"""Words on paper and pictures: one font, lines that break where Chinese and English may."""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FONT = Path(__file__).with_name("data") / "tongxing-sans.ttf"
PIECE = re.compile(r"[^\s/\u2e80-\uffff—‘’“”…·]+/?|\s+|.", re.DOTALL)
"""A Latin word, also one of an address, a space, or one character of Chinese."""
NEVER_FIRST = frozenset("，。、；：！？）》”’…—·,.;:!?)%")
NEVER_LAST = frozenset("（《“‘(")

Measure = Callable[[str, float], float]
"""How wide a text is in a size."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines of a text in a size in which all of them have room."""

    lines: list[str]
    size: float


@cache
def known() -> frozenset[int]:
    """Return the characters of the font, as its own table says."""
    data = FONT.read_bytes()
    (many,) = struct.unpack_from(">H", data, 4)
    tables = {
        data[at : at + 4]: struct.unpack_from(">L", data, at + 8)[0]
        for at in range(12, 12 + 16 * many, 16)
    }
    return frozenset(_of_format_12(data, tables[b"cmap"]) | _of_format_4(data, tables[b"cmap"]))


def _subtables(data: bytes, cmap: int, kind: int) -> list[int]:
    (many,) = struct.unpack_from(">H", data, cmap + 2)
    places = [
        cmap + struct.unpack_from(">L", data, cmap + 8 + 8 * index)[0] for index in range(many)
    ]
    return [at for at in places if struct.unpack_from(">H", data, at)[0] == kind]


def _of_format_12(data: bytes, cmap: int) -> set[int]:
    found: set[int] = set()
    for at in _subtables(data, cmap, 12):
        (groups,) = struct.unpack_from(">L", data, at + 12)
        for index in range(groups):
            first, last = struct.unpack_from(">2L", data, at + 16 + 12 * index)
            found.update(range(first, last + 1))
    return found


def _of_format_4(data: bytes, cmap: int) -> set[int]:
    found: set[int] = set()
    for at in _subtables(data, cmap, 4):
        (twice,) = struct.unpack_from(">H", data, at + 6)
        lasts = struct.unpack_from(f">{twice // 2}H", data, at + 14)
        firsts = struct.unpack_from(f">{twice // 2}H", data, at + 16 + twice)
        for first, last in zip(firsts, lasts, strict=True):
            found.update(range(first, min(last, 0xFFFE) + 1))
    return found


def missing(*texts: str) -> str:
    """Return the characters of texts that the font does not have, each once."""
    unknown = (one for one in "".join(texts) if ord(one) not in known() and not one.isspace())
    return "".join(dict.fromkeys(unknown))


def broken(text: str, width: float, size: float, measure: Measure) -> list[str]:
    """Return the lines of a text, none wider than that unless a single piece is."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and measure((line + piece).rstrip(), size) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line else lines


def _pieces(text: str) -> list[str]:
    """Return what stays together on a line: no line begins or ends with the wrong mark."""
    found: list[str] = []
    for piece in PIECE.findall(" ".join(text.split())):
        if found and (piece[0] in NEVER_FIRST or found[-1][-1] in NEVER_LAST):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def fitted(
    text: str, box: tuple[float, float], size: float, measure: Measure, *, leading: float = 1.4
) -> Fitted:
    """Return the text in the largest size, from the given one down, in which a box holds it."""
    width, height = box
    while True:
        lines = broken(text, width, size, measure)
        widest = max((measure(line, size) for line in lines), default=0)
        if (len(lines) * size * leading <= height and widest <= width) or size < 1:
            return Fitted(lines, size)
        size *= 0.95
