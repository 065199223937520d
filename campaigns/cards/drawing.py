"""The picture that a chat shows beside a link to a campaign."""

import io
import math
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from campaigns.posters.drawing import art_of, mark
from core.paper import FONT, Fitted, fitted

WIDTH, HEIGHT = 1200, 630
PAPER, BRAND, SOFT = "#FFFCF7", "#0F5E63", "#4B5563"
DEEP, SUN = "#07262B", "#FFC766"
LEFT, RIGHT = 64, 700
"""Where the words stand; the picture is to their right."""
BAND = 84
COLOURS = 255


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card, in one language."""

    art: str
    brand: str
    title: str
    facts: tuple[str, ...]
    lines: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that is drawn."""
        return (self.brand, self.title, *self.facts, self.lines)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


def measure(text: str, size: float) -> float:
    return float(_font(int(size)).getlength(text))


def drawn(card: Card) -> bytes:
    """Return the card as a PNG file; every character has to be in the font."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    high = HEIGHT - BAND
    art = art_of(card.art)
    wide = round(art.width * high / art.height)
    art = art.resize((wide, high), Image.Resampling.LANCZOS)
    left = (wide - (WIDTH - RIGHT)) // 2
    picture.paste(art.crop((left, 0, left + WIDTH - RIGHT, high)), (RIGHT, 0))
    picture.paste(PAPER, (RIGHT, 0), _edge(high))
    ink = ImageDraw.Draw(picture)
    ink.rectangle((0, high, WIDTH, HEIGHT), fill=DEEP)
    small = mark().resize((56, 56), Image.Resampling.LANCZOS)
    picture.paste(small, (LEFT, 52), small)
    line(ink, (LEFT + 72, 80), card.brand, (30, BRAND))
    _words(ink, card)
    line(ink, (LEFT, high + BAND // 2), card.lines, (30, SUN))
    out = io.BytesIO()
    picture.quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _edge(high: int) -> Image.Image:
    """Return a mask of the paper's curved edge over the picture, drawn twice as fine."""
    curve = [(2 * 80 * math.sin(math.pi * step / 60), 2 * high * step / 60) for step in range(61)]
    mask = Image.new("L", (2 * 80, 2 * high))
    ImageDraw.Draw(mask).polygon([(-1, 0), *curve, (-1, 2 * high)], fill=255)
    return mask.resize((80, high), Image.Resampling.LANCZOS)


def _words(ink: ImageDraw.ImageDraw, card: Card) -> None:
    title = fitted(card.title, (RIGHT - LEFT - 10, 230), 64, measure, leading=1.3)
    below = lines_down(ink, title, 150, BRAND, leading=1.3) + 22
    for text in card.facts:
        found = fitted(text, (RIGHT - LEFT - 10, 44), 30, measure)
        below = lines_down(ink, found, below, SOFT)


def lines_down(
    ink: ImageDraw.ImageDraw, found: Fitted, top: float, colour: str, *, leading: float = 1.5
) -> float:
    """Draw lines downwards; return where the next thing may begin."""
    high = found.size * leading
    for number, text in enumerate(found.lines):
        at = (LEFT, round(top + high * (number + 0.5)))
        line(ink, at, text, (int(found.size), colour))
    return top + high * len(found.lines)


def line(ink: ImageDraw.ImageDraw, at: tuple[int, int], text: str, look: tuple[int, str]) -> None:
    """Draw one line, its middle at that height; large ones are bold by a stroke."""
    size, colour = look
    ink.text(
        at, text, colour, _font(size), anchor="lm", stroke_width=size // 40, stroke_fill=colour
    )
