"""Certificates as a PDF file, A4, one a sheet; any number of them in one file."""

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from core.paper import broken
from core.pens import A4, face, measure, squares
from volunteers.certificates.sheets import Sheet

WIDTH, HEIGHT = A4
EDGE, MARGIN = 28.0, 72.0
INK, SOFT, BRAND, LINE, WARN = (
    *(HexColor("#1F2933"), HexColor("#4B5563"), HexColor("#0F5E63")),
    *(HexColor("#8C8272"), HexColor("#B42318")),
)
CODE = 92.0
SEAL = 58.0
"""How far from its middle a round seal reaches: 42 mm across, with room around it."""


def drawn(sheets: Sequence[Sheet]) -> bytes:
    """Return one certificate or more as a PDF file; every character has to be in the font."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=True, lang=sheets[0].language)
    for sheet in sheets:
        page.setTitle(f"{sheet.title} {sheet.number}")
        _Paper(page).draw(sheet)
        page.showPage()
    page.save()
    return out.getvalue()


class _Paper:
    """Fills one sheet from the top."""

    def __init__(self, page: Any) -> None:
        self._page, self._top = page, HEIGHT - 104

    def draw(self, sheet: Sheet) -> None:
        self._frame()
        self._centred(sheet.title, 30, BRAND)
        self._top -= 30
        self._centred(sheet.number, 11, SOFT)
        self._top -= 40
        for text in sheet.lines:
            self._paragraph(text, 13)
        self._total(sheet)
        self._facts(sheet)
        self._hands(sheet)
        self._foot(sheet)
        if sheet.stamp:
            self._across(sheet.stamp)

    def _frame(self) -> None:
        self._page.setStrokeColor(BRAND)
        for inset, width in ((EDGE, 1.6), (EDGE + 5, 0.5)):
            self._page.setLineWidth(width)
            self._page.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)

    def _total(self, sheet: Sheet) -> None:
        """Draw the hours large, and what they are made of beside them."""
        self._top -= 12
        height = 30 + 17.0 * max(len(sheet.kinds), 2)
        self._page.setFillColor(HexColor("#EEF5F4"))
        self._page.roundRect(
            MARGIN, self._top - height, WIDTH - 2 * MARGIN, height, 6, stroke=0, fill=1
        )
        said, value = sheet.total
        self._line((MARGIN + 18, self._top - 24), said, 10.5, SOFT)
        self._line((MARGIN + 18, self._top - 50), value, 20, BRAND)
        for place, (kind, served) in enumerate(sheet.kinds):
            below = self._top - 26 - 17 * place
            self._line((WIDTH / 2, below), kind, 10.5, SOFT)
            self._line((WIDTH / 2 + 84, below), served, 10.5, INK)
        self._top -= height + 22

    def _facts(self, sheet: Sheet) -> None:
        for said, text in sheet.facts:
            lines = broken(text, WIDTH - 2 * MARGIN - 110, 11, measure)
            self._line((MARGIN, self._top - 11), said, 11, SOFT)
            for line in lines:
                self._line((MARGIN + 110, self._top - 11), line, 11, INK)
                self._top -= 19
        self._top -= 12

    def _hands(self, sheet: Sheet) -> None:
        """Draw the lines to write on, and the ring where a seal goes."""
        *written, seal = sheet.to_sign
        middle = (WIDTH - MARGIN - SEAL, self._top - SEAL + 8)
        self._page.setStrokeColor(LINE)
        self._page.setLineWidth(0.7)
        self._page.setDash(3, 3)
        self._page.circle(*middle, SEAL)
        self._page.setDash()
        self._line((middle[0] - measure(seal, 10) / 2, middle[1] - 4), seal, 10, SOFT)
        for text in written:
            self._line((MARGIN, self._top - 10), text, 10, SOFT)
            self._page.line(MARGIN, self._top - 40, middle[0] - SEAL - 28, self._top - 40)
            self._top -= 54

    def _foot(self, sheet: Sheet) -> None:
        below = EDGE + 24
        self._page.setFillColor(INK)
        corner = (WIDTH - MARGIN - CODE + 16, below + CODE)
        squares(self._page, sheet.code, corner, CODE, level="m")
        self._top = below + CODE - 14
        for text in sheet.check:
            for line in broken(text, WIDTH - 2 * MARGIN - CODE - 6, 9.5, measure):
                self._line((MARGIN, self._top - 9), line, 9.5, SOFT)
                self._top -= 15

    def _across(self, stamp: str) -> None:
        self._page.saveState()
        self._page.translate(WIDTH / 2, HEIGHT / 2)
        self._page.rotate(30)
        self._page.setFillAlpha(0.28)
        self._line((-measure(stamp, 96) / 2, -40), stamp, 96, WARN)
        self._page.restoreState()

    def _centred(self, text: str, size: float, colour: Any) -> None:
        self._line(((WIDTH - measure(text, size)) / 2, self._top), text, size, colour)

    def _paragraph(self, text: str, size: float) -> None:
        for line in broken(text, WIDTH - 2 * MARGIN, size, measure):
            self._top -= size * 1.75
            self._line((MARGIN, self._top + size * 0.5), line, size, INK)

    def _line(self, at: tuple[float, float], text: str, size: float, colour: Any) -> None:
        self._page.setFont(face(), size)
        self._page.setFillColor(colour)
        self._page.drawString(*at, text)
