"""The picture that somebody shows to friends after signing up: upright, as phones are held."""

import io
import math
from dataclasses import dataclass

import segno
from PIL import Image, ImageDraw

from campaigns.cards.drawing import BRAND, COLOURS, DEEP, PAPER, SOFT, SUN, line, measure
from campaigns.posters.drawing import art_of, mark
from core.paper import fitted

WIDTH, HEIGHT = 1080, 1440
ART = 548
"""How far down the illustration reaches."""
BAND = 110
LEFT, SIDE = 80, 290
"""The margin, and how wide the code is."""
ACCENT, WHITE = "#B4441B", "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Joined:
    """What stands on it, in one language: nothing of whoever shows it."""

    art: str
    brand: str
    said: str
    title: str
    facts: tuple[str, ...]
    call: str
    """The words beside the code."""
    address: str
    code: str
    lines: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is drawn."""
        return (
            self.brand, self.said, self.title, *self.facts, self.call, self.address, self.lines,
        )  # fmt: skip


def drawn(card: Joined) -> bytes:
    """Return it as a PNG file; every character has to be in the font."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    art = art_of(card.art)
    art = art.resize((WIDTH, round(WIDTH * art.height / art.width)), Image.Resampling.LANCZOS)
    picture.paste(art, (0, 0))
    picture.paste(PAPER, (0, 0), _hill())
    small = mark().resize((64, 64), Image.Resampling.LANCZOS)
    ink = ImageDraw.Draw(picture)
    wide = round(measure(card.brand, 34)) + 130
    ink.rounded_rectangle((LEFT - 20, 48, LEFT - 20 + wide, 128), 40, fill=PAPER)
    picture.paste(small, (LEFT, 56), small)
    line(ink, (LEFT + 84, 88), card.brand, (34, BRAND))
    _words(ink, card)
    _code(picture, card)
    ink.rectangle((0, HEIGHT - BAND, WIDTH, HEIGHT), fill=DEEP)
    line(ink, (LEFT, HEIGHT - BAND // 2), card.lines, (36, SUN))
    out = io.BytesIO()
    picture.quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _hill() -> Image.Image:
    """Return a mask of the paper below the illustration, its edge curved like a hill."""
    mask = Image.new("L", (2 * WIDTH, 2 * HEIGHT))
    edge = [
        (2 * WIDTH * step / 80, 2 * (ART - 26 * math.sin(2.6 * math.pi * step / 80)))
        for step in range(81)
    ]
    below = [*edge, (2 * WIDTH, 2 * HEIGHT), (0, 2 * HEIGHT)]
    ImageDraw.Draw(mask).polygon(below, fill=255)
    return mask.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _words(ink: ImageDraw.ImageDraw, card: Joined) -> None:
    top = _lines(ink, card.said, (ART + 40, 92), (72, ACCENT)) + 18
    top = _lines(ink, card.title, (top, 160), (54, BRAND)) + 12
    for text in card.facts:
        top = _lines(ink, text, (top, 52), (34, SOFT))


def _lines(
    ink: ImageDraw.ImageDraw, text: str, room: tuple[float, float], look: tuple[int, str]
) -> float:
    """Draw a text from a height down into the room it has; return where it ends."""
    (top, high), (size, colour) = room, look
    found = fitted(text, (WIDTH - 2 * LEFT, high), size, measure, leading=1.35)
    step = found.size * 1.35
    for number, part in enumerate(found.lines):
        line(ink, (LEFT, round(top + step * (number + 0.5))), part, (int(found.size), colour))
    return top + step * len(found.lines)


def _code(picture: Image.Image, card: Joined) -> None:
    """Draw the code with its words: whole dots, so that every camera can read it."""
    rows = list(segno.make(card.code, error="m", micro=False).matrix)
    dot = SIDE // (len(rows) + 4)
    wide, top = dot * (len(rows) + 4), HEIGHT - BAND - SIDE - 34
    ink = ImageDraw.Draw(picture)
    ink.rounded_rectangle((LEFT - 12, top - 12, LEFT + wide + 12, top + wide + 12), 18, fill=WHITE)
    for row, cells in enumerate(rows):
        for column, dark in enumerate(cells):
            if dark:
                left, high = LEFT + dot * (column + 2), top + dot * (row + 2)
                ink.rectangle((left, high, left + dot - 1, high + dot - 1), fill=DEEP)
    beside = LEFT + wide + 50
    room = WIDTH - LEFT - beside
    line(ink, (beside, top + 70), card.call, (int(_size(card.call, room, 52)), ACCENT))
    found = fitted(card.address, (room, 120), 28, measure)
    for number, part in enumerate(found.lines):
        line(ink, (beside, top + 140 + 42 * number), part, (int(found.size), SOFT))


def _size(text: str, room: float, largest: float) -> float:
    return fitted(text, (room, largest * 1.5), largest, measure).size
