"""The agreement as a PDF file, A4: as many sheets as the text needs, places to sign at its end."""

import io
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from core.paper import broken
from core.pens import A4, face, measure, squares
from pairings.agreements.sheets import Sheet

WIDTH, HEIGHT = A4
MARGIN, FOOT = 56.0, 64.0
INK, SOFT, BRAND, LINE = (
    *(HexColor("#1F2933"), HexColor("#4B5563"), HexColor("#0F5E63"), HexColor("#8C8272")),
)
SIZES = {"heading": 13.0, "item": 10.5, "text": 10.5}
LEADING = 1.55
CODE = 74.0
PLACE = 54.0
"""How high a place to sign is: there has to be room for a hand."""


def drawn(sheet: Sheet) -> bytes:
    """Return the agreement as a PDF file; every character has to be in the font."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=True, lang=sheet.language)
    page.setTitle(sheet.title)
    page.setSubject(" ".join(text for _said, text in sheet.facts[:2]))
    paper = _Paper(page, sheet)
    paper.head()
    for kind, lines in sheet.blocks:
        for line in lines:
            paper.text(line, kind)
    paper.places()
    paper.close()
    return out.getvalue()


class _Paper:
    """Fills one sheet after the other from the top."""

    def __init__(self, page: Any, sheet: Sheet) -> None:
        self._page, self._sheet = page, sheet
        self._top, self._number = HEIGHT - MARGIN, 1

    def head(self) -> None:
        self._page.setFillColor(INK)
        squares(self._page, self._sheet.code, (WIDTH - MARGIN - CODE, self._top), CODE, level="m")
        self._line(MARGIN, self._top - 24, self._sheet.title, size=22, colour=BRAND)
        self._top -= 46
        for said, text in self._sheet.facts:
            self._line(MARGIN, self._top - 10, said, size=10, colour=SOFT)
            self._line(MARGIN + 96, self._top - 10, text, size=10, colour=INK)
            self._top -= 16
        self._top -= 10

    def text(self, text: str, kind: str) -> None:
        size = SIZES.get(kind, 10.5)
        indent = 14.0 if kind == "item" else 0.0
        lines = broken(text, WIDTH - 2 * MARGIN - indent, size, measure)
        if kind == "heading":
            self._top -= 8
        needed = len(lines) * size * LEADING + (2 * 10.5 * LEADING if kind == "heading" else 0)
        self._room(needed)
        if kind == "item":
            self._page.setFillColor(BRAND)
            self._page.circle(MARGIN + 4, self._top - size * 0.72, 1.8, stroke=0, fill=1)
        for line in lines:
            self._top -= size * LEADING
            colour = BRAND if kind == "heading" else INK
            at = self._top + size * 0.45
            self._line(MARGIN + indent, at, line, size=size, colour=colour)

    def places(self) -> None:
        """Draw where everybody signs, all of it on one sheet with its heading."""
        self._top -= 14
        self._room(min(26 + PLACE * len(self._sheet.places), HEIGHT - MARGIN - FOOT))
        self._line(MARGIN, self._top - 14, self._sheet.signing, size=13, colour=BRAND)
        self._top -= 24
        for who, beside in self._sheet.places:
            self._room(PLACE)
            self._page.setStrokeColor(LINE)
            self._page.setLineWidth(0.8)
            self._line(MARGIN, self._top - 16, who, size=11, colour=INK)
            self._line(MARGIN, self._top - 38, beside, size=10, colour=SOFT)
            self._page.line(MARGIN, self._top - 44, WIDTH - MARGIN, self._top - 44)
            self._top -= PLACE

    def close(self) -> None:
        self._end_sheet()
        self._page.save()

    def _room(self, height: float) -> None:
        if self._top - height >= FOOT:
            return
        self._end_sheet()
        self._page.showPage()
        self._top, self._number = HEIGHT - MARGIN, self._number + 1

    def _end_sheet(self) -> None:
        width = WIDTH - 2 * MARGIN - 60
        for number, line in enumerate(broken(self._sheet.foot, width, 8.5, measure)):
            self._line(MARGIN, 44 - 12 * number, line, size=8.5, colour=SOFT)
        known = f"{self._sheet.facts[0][1]} · {self._number}"
        left = WIDTH - MARGIN - measure(known, 8.5)
        self._line(left, 44, known, size=8.5, colour=SOFT)

    def _line(self, left: float, below: float, text: str, *, size: float, colour: Any) -> None:
        self._page.setFont(face(), size)
        self._page.setFillColor(colour)
        self._page.drawString(left, below, text)
