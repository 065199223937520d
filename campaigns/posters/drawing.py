"""A poster as a PDF file: A4, or the same twice as large for a wall."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from core.paper import fitted
from core.pens import A4, face, measure, squares

WIDTH, HEIGHT = A4
"""Everything is drawn on it, and enlarged."""
SCALES = {"a4": 1.0, "a3": 2**0.5}
DATA = Path(__file__).with_name("data")
ARTS = frozenset({"hills", "walking", "books", "lanterns", "letters", "tea", "star"})
PAPER, INK, SOFT = HexColor("#FFFCF7"), HexColor("#1F2933"), HexColor("#4B5563")
BRAND, DEEP, ACCENT = HexColor("#0F5E63"), HexColor("#07262B"), HexColor("#B4441B")
SUN, CREAM, WHITE = HexColor("#FFC766"), HexColor("#FFF8EA"), HexColor("#FFFFFF")
MARGIN = 42.0
ART_FOOT = 548.0
"""Where the picture on top ends."""
BAND = 64.0
SIDE = 196.0
"""How wide the card with the code is."""
LEADING = 1.4


@dataclass(frozen=True, slots=True)
class Box:
    """Where words may stand: points from the left and from the foot of the sheet."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Ink:
    """How words look."""

    size: float
    colour: Any
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster, in the language it is printed in."""

    art: str
    brand: str
    title: str
    summary: str
    needed_heading: str
    needed: Sequence[str]
    facts: Sequence[tuple[str, str]]
    call: str
    """The words above the code."""
    address: str
    code: str
    """The address that the code says, with the tag of the place."""
    help: str
    lines: str
    """The helplines' numbers."""
    language: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is printed."""
        facts = [part for fact in self.facts for part in fact]
        return (
            self.brand, self.title, self.summary, self.needed_heading, *self.needed, *facts,
            self.call, self.address, self.help, self.lines,
        )  # fmt: skip


def art_of(name: str) -> Image.Image:
    """Return a brand's illustration; hills stand in for one that has none."""
    return Image.open(DATA / f"{name if name in ARTS else 'hills'}.webp").convert("RGB")


def mark() -> Image.Image:
    return Image.open(DATA / "mark.webp").convert("RGBA")


def drawn(poster: Poster, size: str) -> bytes:
    """Return the poster as a PDF file; every character has to be in the font."""
    out, scale = io.BytesIO(), SCALES[size]
    page = Canvas(
        out, pagesize=(WIDTH * scale, HEIGHT * scale), invariant=True, lang=poster.language
    )
    page.setTitle(poster.title)
    page.setSubject(poster.summary)
    page.setAuthor(poster.brand)
    page.scale(scale, scale)
    _backdrop(page, poster)
    foot = _words(page, poster)
    _columns(page, poster, foot)
    _band(page, poster)
    page.save()
    return out.getvalue()


def _backdrop(page: Any, poster: Poster) -> None:
    page.setFillColor(PAPER)
    page.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
    art = art_of(poster.art)
    high = WIDTH * art.height / art.width
    page.drawImage(ImageReader(art), 0, ART_FOOT - 8, WIDTH, high)
    hill = page.beginPath()
    hill.moveTo(0, ART_FOOT + 22)
    hill.curveTo(WIDTH * 0.3, ART_FOOT - 34, WIDTH * 0.62, ART_FOOT + 44, WIDTH, ART_FOOT - 4)
    hill.lineTo(WIDTH, 0)
    hill.lineTo(0, 0)
    hill.close()
    page.drawPath(hill, stroke=0, fill=1)
    page.setFillColor(CREAM)
    wide = 58 + measure(poster.brand, 15)
    page.roundRect(MARGIN - 8, HEIGHT - 66, wide, 38, 19, stroke=0, fill=1)
    page.drawImage(ImageReader(mark()), MARGIN - 2, HEIGHT - 61, 28, 28, mask="auto")
    _line(page, (MARGIN + 34, HEIGHT - 52.5), poster.brand, Ink(15, BRAND, bold=True))


def _words(page: Any, poster: Poster) -> float:
    """Draw the title and the summary; return how far down they reach."""
    width = WIDTH - 2 * MARGIN
    title, summary = Ink(44, BRAND, bold=True), Ink(17, SOFT)
    foot = _text(page, poster.title, Box(MARGIN, ART_FOOT - 12, width, 104), title)
    return _text(page, poster.summary, Box(MARGIN, foot - 8, width, 84), summary)


def _columns(page: Any, poster: Poster, top: float) -> None:
    top = min(top - 18, 366)
    _code(page, poster, top)
    width = WIDTH - 2 * MARGIN - SIDE - 26
    foot = _needed(page, poster, Box(MARGIN, top, width, top - BAND - 30)) - 10
    for said, text in poster.facts:
        _text(page, said, Box(MARGIN, foot, 56, 22), Ink(13, ACCENT, bold=True))
        foot = _text(page, text, Box(MARGIN + 60, foot, width - 60, 32), Ink(13, INK)) - 2


def _needed(page: Any, poster: Poster, box: Box) -> float:
    """Draw who is needed into a column that the facts below share; return where it ends."""
    if not poster.needed:
        return box.top
    each = min(40, (box.height - 26 * len(poster.facts)) / len(poster.needed) - 8)
    heading = Ink(17, ACCENT, bold=True)
    foot = _text(page, poster.needed_heading, replace(box, height=26), heading)
    for item in poster.needed:
        page.setFillColor(SUN)
        page.circle(box.left + 4, foot - 11, 3.4, stroke=0, fill=1)
        foot = _text(page, item, Box(box.left + 16, foot - 3, box.width - 16, each), Ink(13, INK))
    return foot


def _code(page: Any, poster: Poster, top: float) -> None:
    """Draw the card with the code, its squares as shapes: sharp at any size."""
    left = WIDTH - MARGIN - SIDE
    page.setFillColor(CREAM)
    page.setStrokeColor(SUN)
    page.setLineWidth(1.4)
    page.roundRect(left, top - SIDE - 62, SIDE, SIDE + 62, 14, stroke=1, fill=1)
    call = Ink(24, ACCENT, bold=True, centred=True)
    _text(page, poster.call, Box(left + 12, top - 8, SIDE - 24, 34), call)
    page.setFillColor(WHITE)
    page.rect(left + 12, top - SIDE - 20, SIDE - 24, SIDE - 24, stroke=0, fill=1)
    page.setFillColor(DEEP)
    squares(page, poster.code, (left + 22, top - 54), SIDE - 44, level="q")
    address = Box(left + 10, top - SIDE - 24, SIDE - 20, 30)
    _text(page, poster.address, address, Ink(9, SOFT, centred=True))


def _band(page: Any, poster: Poster) -> None:
    page.setFillColor(DEEP)
    page.rect(0, 0, WIDTH, BAND, stroke=0, fill=1)
    numbers = measure(poster.lines, 25)
    _line(page, (WIDTH - MARGIN - numbers, 23), poster.lines, Ink(25, SUN, bold=True))
    width = WIDTH - 2 * MARGIN - numbers - 16
    words = fitted(poster.help, (width, 44), 15, measure)
    top = BAND / 2 + len(words.lines) * words.size * 0.7
    _text(page, poster.help, Box(MARGIN, top, width, 44), Ink(15, CREAM))


def _text(page: Any, text: str, box: Box, ink: Ink) -> float:
    """Draw lines into a box, smaller if need be; return how far down they reach."""
    found = fitted(text, (box.width, box.height), ink.size, measure)
    for number, line in enumerate(found.lines):
        rest = box.width - measure(line, found.size) if ink.centred else 0
        below = box.top - found.size * (1.1 + LEADING * number)
        _line(page, (box.left + rest / 2, below), line, replace(ink, size=found.size))
    return box.top - found.size * LEADING * len(found.lines)


def _line(page: Any, at: tuple[float, float], text: str, ink: Ink) -> None:
    """Draw one line; the font has one weight, so bold is a stroke around each letter."""
    page.saveState()
    words = page.beginText(*at)
    words.setFont(face(), ink.size)
    words.setFillColor(ink.colour)
    words.setStrokeColor(ink.colour)
    page.setLineWidth(ink.size / 28)
    words.setTextRenderMode(2 if ink.bold else 0)
    words.textOut(text)
    page.drawText(words)
    page.restoreState()
