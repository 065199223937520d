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
from collections.abc import Iterator

from PIL import Image, ImageOps

WIDTHS = (480, 960, 1600)
QUALITY = 80
TURNED = 0x0112
"""The EXIF tag that says how the camera was held; from 5 on width and height change places."""
HEADER = struct.Struct("<3L")
"""Width, height and length of the file that follows."""
MEMORY = 1024 * 1024 * 1024
SECONDS = 8


def sizes(data: bytes, kind: str) -> Iterator[tuple[int, int, bytes]]:
    """Yield width, height and WebP bytes, the smallest first; never larger than the original.

    Raises OSError and the like for what cannot be decoded, and for a picture cut short.
    """
    with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
        opened.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
        upright = _opaque(ImageOps.exif_transpose(_fitted(opened)))
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
    for width, height, written in sizes(sys.stdin.buffer.read(), sys.argv[1]):
        sys.stdout.buffer.write(HEADER.pack(width, height, len(written)) + written)


if __name__ == "__main__":
    main()
