"""Files made to do harm as pictures, each made here from nothing; none is kept anywhere."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image

Files = dict[str, tuple[str, Callable[[], bytes]]]
UNREADABLE, OTHER_KIND, TOO_LARGE = "打不开", "只收", "尺寸太大"
GPS_TAG = 0x8825
SECRET_TEXT = b"CANARY-37.6877N-112.7528E"


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **given: Any) -> bytes:
    """Return a small picture as anybody would upload it."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **given)
    return out.getvalue()


def a_photo_with_its_place(kind: str = "JPEG", turned: int = 6) -> bytes:
    """Return a photo that tells where it was taken, in every way a photo can, held upright."""
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = SECRET_TEXT.decode()
    exif[0x9286] = SECRET_TEXT.decode()
    exif.get_ifd(GPS_TAG).update({1: "N", 2: (37.0, 41.0, 16.0), 3: "E", 4: (112.0, 45.0, 10.0)})
    xmp = b"<x:xmpmeta><exif:GPSLatitude>" + SECRET_TEXT + b"</exif:GPSLatitude></x:xmpmeta>"
    given: dict[str, Any] = {"exif": exif, "xmp": xmp, "icc_profile": b"ICC" + SECRET_TEXT}
    if kind == "JPEG":
        given["comment"] = SECRET_TEXT
    data = a_picture(kind, (2000, 1000), **given)
    return data + SECRET_TEXT if kind == "JPEG" else data


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def a_png(width: int, height: int, *more: bytes, rows: int | None = None) -> bytes:
    """Return a black PNG of one bit a pixel, however large, with chunks of one's own."""
    line = b"\x00" * (1 + (width + 7) // 8)
    packer, packed = zlib.compressobj(9), b""
    for _row in range(height if rows is None else rows):
        packed += packer.compress(line)
    packed += packer.flush()
    head = chunk(b"IHDR", struct.pack(">2L5B", width, height, 1, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def _text_bomb() -> bytes:
    return a_png(300, 300, chunk(b"zTXt", b"k\x00\x00" + zlib.compress(bytes(80_000_000), 9)))


def _profile_bomb() -> bytes:
    return a_png(300, 300, chunk(b"iCCP", b"k\x00\x00" + zlib.compress(bytes(80_000_000), 9)))


def _moving_png() -> bytes:
    return a_png(300, 300, chunk(b"acTL", struct.pack(">2L", 2, 0)))


def _moving_webp() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _gif() -> bytes:
    return a_picture("GIF")


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("evil.html", "<script>alert(1)</script>")
    return out.getvalue()


def _broken_sum() -> bytes:
    data = bytearray(a_png(300, 300))
    data[40] ^= 0xFF
    return bytes(data)


def _huge_jpeg() -> bytes:
    """A JPEG whose frame says 65,000 by 65,000."""
    data = bytearray(a_picture())
    at = data.find(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">2H", 65_000, 65_000)
    return bytes(data)


def _webp_of_two_sizes() -> bytes:
    """A WebP whose frame is larger than its canvas."""
    inner = a_picture("WEBP", (4000, 3000))[12:]
    head = struct.pack("<4sL4B", b"VP8X", 10, 0, 0, 0, 0) + b"\x2b\x01\x00\x2b\x01\x00"
    body = b"WEBP" + head + inner
    return b"RIFF" + struct.pack("<L", len(body)) + body


SCRIPT = b"<script>alert(1)</script>"
HOSTILE: Files = {
    "png of 30,000 by 30,000": (TOO_LARGE, lambda: a_png(30_000, 30_000)),
    "png of 13,000 by 13,000": (TOO_LARGE, lambda: a_png(13_000, 13_000)),
    "png of 25 megapixels": (TOO_LARGE, lambda: a_png(5_000, 5_000)),
    "png of one long line": (TOO_LARGE, lambda: a_png(1_000_000, 1)),
    "png that says 4 billion": (TOO_LARGE, lambda: a_png(2**31 - 1, 2**31 - 1, rows=1)),
    "png with a text of 80 MB": (UNREADABLE, _text_bomb),
    "png with a profile of 80 MB": (UNREADABLE, _profile_bomb),
    "png that moves": ("会动", _moving_png),
    "png with a zip behind": (UNREADABLE, lambda: a_png(300, 300) + _zip()),
    "png with a script behind": (UNREADABLE, lambda: a_png(300, 300) + SCRIPT),
    "png with a wrong sum": (UNREADABLE, _broken_sum),
    "png cut off": (UNREADABLE, lambda: a_png(300, 300)[:-30]),
    "png of no size": ("太小", lambda: a_png(0, 0)),
    "jpeg that says 4 gigapixels": (TOO_LARGE, _huge_jpeg),
    "jpeg cut off": (UNREADABLE, lambda: a_picture()[:2000]),
    "jpeg of three bytes": (UNREADABLE, lambda: b"\xff\xd8\xff"),
    "html that begins like a jpeg": (UNREADABLE, lambda: b"\xff\xd8\xff\xe0" + SCRIPT * 99),
    "html as jpeg": (OTHER_KIND, lambda: b"<!doctype html>" + SCRIPT),
    "webp that moves": ("会动", _moving_webp),
    "webp of two sizes": (UNREADABLE, _webp_of_two_sizes),
    "webp with a script behind": (UNREADABLE, lambda: a_picture("WEBP") + SCRIPT),
    "webp cut off": (UNREADABLE, lambda: a_picture("WEBP")[:-300]),
    "svg": (OTHER_KIND, lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"),
    "eps": (OTHER_KIND, lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n"),
    "gif": (OTHER_KIND, _gif),
    "gif that is a program": (OTHER_KIND, lambda: b"GIF89a;<?php system($_GET[0]); ?>"),
    "bmp": (OTHER_KIND, lambda: a_picture("BMP")),
    "tiff": (OTHER_KIND, lambda: a_picture("TIFF")),
    "icon": (OTHER_KIND, lambda: a_picture("ICO", (64, 64))),
    "pdf": (OTHER_KIND, lambda: b"%PDF-1.7\n" + SCRIPT),
    "zip": (OTHER_KIND, _zip),
    "program": (OTHER_KIND, lambda: b"MZ\x90\x00" + bytes(2000)),
    "nothing": (OTHER_KIND, lambda: b""),
    "a picture of 11 MB": ("太大", lambda: a_picture() + bytes(11 * 1024 * 1024)),
    "a picture of one dot": ("太小", lambda: a_picture("PNG", (1, 1))),
}
