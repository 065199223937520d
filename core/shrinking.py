"""Decode one picture and write it anew in several sizes: run as a process of its own.

The decoder reads what strangers made, so it works alone: without the site's secrets in its
environment, with little memory and time, and with nothing to write to but its standard output.
What comes out is drawn afresh: no EXIF, no place, no profile, no comment, no trailing bytes.
"""

import io
import resource
import struct
import sys
import warnings
from collections.abc import Iterator, Sequence

from PIL import Image, ImageFilter, ImageOps

WIDTHS = (480, 960, 1600)
QUALITY = 80
TURNED = 0x0112
"""The EXIF tag that says how the camera was held; from 5 on width and height change places."""
HEADER = struct.Struct("<3L")
"""Width, height and length of the file that follows."""
MEMORY = 1024 * 1024 * 1024
SECONDS = 8


BLOCKS = 4
"""Pixels across a hidden box before it is blurred: no feature of a face is left in them."""
Box = tuple[int, int, int, int]
"""Left, top, right and bottom in thousandths of the upright picture."""


def sizes(data: bytes, kind: str, hidden: Sequence[Box] = ()) -> Iterator[tuple[int, int, bytes]]:
    """Yield width, height and WebP bytes, the smallest first; never larger than the original.

    What is hidden is so in every size, for good: it is drawn over before any of them is written.
    Raises OSError and the like for what cannot be decoded, and for a picture cut short.
    """
    with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
        opened.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
        upright = _opaque(ImageOps.exif_transpose(_fitted(opened)))
    for box in hidden:
        _hide(upright, box)
    for width in sorted({*(one for one in WIDTHS if one < upright.width), upright.width}):
        yield _written(upright, width)


def _fitted(picture: Image.Image) -> Image.Image:
    """Return the picture no larger than the largest size: what follows then costs little."""
    picture.load()
    if picture.mode not in {"RGB", "RGBA", "L"}:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    across = picture.height if picture.getexif().get(TURNED, 1) >= 5 else picture.width
    if across <= WIDTHS[-1]:
        return picture
    size = (
        max(1, round(picture.width * WIDTHS[-1] / across)),
        max(1, round(picture.height * WIDTHS[-1] / across)),
    )
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _opaque(picture: Image.Image) -> Image.Image:
    """Return the bare colours: what was transparent is white, and nothing else comes along."""
    drawn = Image.new("RGB", picture.size, "white")
    drawn.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return drawn


def _hide(picture: Image.Image, box: Box) -> None:
    """Leave a few blurred squares of what a box showed; of small boxes their mean colour alone."""
    left, right = (round(picture.width * one / 1000) for one in (box[0], box[2]))
    top, bottom = (round(picture.height * one / 1000) for one in (box[1], box[3]))
    width, height = right - left, bottom - top
    if width < 1 or height < 1:
        return
    few = min(BLOCKS, max(1, width // 16)), min(BLOCKS, max(1, height // 16))
    squares = picture.crop((left, top, right, bottom)).resize(few, Image.Resampling.BOX)
    patch = squares.resize((width, height), Image.Resampling.NEAREST)
    blurred = patch.filter(ImageFilter.GaussianBlur(max(width, height) / 8))
    picture.paste(blurred, (left, top))


def _boxes(words: Sequence[str]) -> list[Box]:
    found = [tuple(int(one) for one in word.split(",")) for word in words]
    return [(one[0], one[1], one[2], one[3]) for one in found]


def _written(picture: Image.Image, width: int) -> tuple[int, int, bytes]:
    height = max(1, round(picture.height * width / picture.width))
    small = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY, method=4)
    return width, height, out.getvalue()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    warnings.simplefilter("error")  # a picture that is a bomb is only warned of
    for width, height, written in sizes(sys.stdin.buffer.read(), sys.argv[1], _boxes(sys.argv[2:])):
        sys.stdout.buffer.write(HEADER.pack(width, height, len(written)) + written)


if __name__ == "__main__":
    main()
