"""What every PDF file of ours draws alike: words in the one font, and square codes."""

from functools import cache
from typing import Any

import segno
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from core.paper import FONT

A4 = (595.276, 841.89)
"""Points."""


@cache
def face() -> str:
    """Return what PDF files call the font, which is read once."""
    pdfmetrics.registerFont(TTFont("tongxing", FONT))
    return "tongxing"


def measure(text: str, size: float) -> float:
    """Return how wide a text is, in points."""
    return float(pdfmetrics.stringWidth(text, face(), size))


def squares(page: Any, code: str, at: tuple[float, float], width: float, *, level: str) -> None:
    """Draw a code below and right of a corner, its squares as shapes: sharp at any size.

    `level` says how much may be lost: "m" 15 %, "q" 25 %.
    """
    rows = segno.make(code, error=level, micro=False).matrix
    unit, (left, top) = width / len(rows), at
    for row, cells in enumerate(rows):
        for column, dark in enumerate(cells):
            if dark:
                corner = (left + column * unit, top - (row + 1) * unit)
                page.rect(*corner, unit + 0.02, unit + 0.02, stroke=0, fill=1)
