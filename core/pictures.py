"""Pictures from outside: looked at by their first bytes, decoded apart, kept only as drawn anew.

The header is read by a few lines of our own before any decoder sees the file: kind, size and
whether it moves. What passes goes to a process that may fail (core.shrinking); what that draws
is all that is kept, under a name that nobody can guess, and the upload itself is dropped.
"""

import secrets
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import RuleBroken
from core.i18n import _
from core.shrinking import HEADER, Box

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 24_000_000
LONGEST_SIDE = 12_000
SHORTEST_SIDE = 200
PATIENCE = 4.0
"""Seconds for which a second picture waits for the first one."""
SECONDS = 10
YOUNG = 3600.0
"""Seconds for which a file without a row may still be about to get one."""
WORKER = Path(__file__).with_name("shrinking.py")
SIZES_OF_JPEG = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})

_gate = threading.Lock()


class Busy(Exception):
    """Another picture is being worked on: come back in a moment."""

    def __init__(self) -> None:
        super().__init__("busy")
        self.reasons = (_("正在处理另一张图片，请过几秒再传一次"),)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One size of a picture, as a WebP file."""

    width: int
    height: int
    file: bytes


def drawn_anew(data: bytes, hidden: Sequence[Box] = ()) -> list[Drawn]:
    """Return a picture in its sizes, the smallest first; what is hidden is gone from all of them.

    Raises RuleBroken and Busy.
    """
    kind = looked_at(data)
    if not _gate.acquire(timeout=PATIENCE):
        raise Busy
    try:
        return _drawn_apart(data, kind, hidden)
    finally:
        _gate.release()


def _drawn_apart(data: bytes, kind: str, hidden: Sequence[Box]) -> list[Drawn]:
    boxes = [",".join(str(int(one)) for one in box) for box in hidden]
    try:
        done = subprocess.run(  # noqa: S603 - our own file, with a word of our own
            [sys.executable, "-I", str(WORKER), kind, *boxes],
            input=data, capture_output=True, check=True, timeout=SECONDS, env={},
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        raise _unreadable() from error
    found, at = [], 0
    while at < len(done.stdout):
        width, height, length = HEADER.unpack_from(done.stdout, at)
        at += HEADER.size + length
        found.append(Drawn(width, height, done.stdout[at - length : at]))
    return found


def looked_at(data: bytes) -> str:
    """Return the kind of a picture that may be decoded, by its header. Raises RuleBroken."""
    if len(data) > MOST_BYTES:
        raise RuleBroken(_("图片太大，最多 %(most)d MB", most=MOST_BYTES // 1024 // 1024))
    try:
        kind, width, height = _header(data)
    except (struct.error, IndexError) as error:
        raise _unreadable() from error
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise RuleBroken(_("图片的尺寸太大，最多 2400 万像素，请缩小后再传"))
    if min(width, height) < SHORTEST_SIDE:
        raise RuleBroken(_("图片太小，每边至少 %(least)d 像素", least=SHORTEST_SIDE))
    return kind


def _header(data: bytes) -> tuple[str, int, int]:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG", *_size_of_jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG", *_size_of_png(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP", *_size_of_webp(data)
    raise RuleBroken(_("只收 JPEG、PNG 和 WebP 图片"))


def _unreadable() -> RuleBroken:
    return RuleBroken(_("这张图片打不开：可能不完整，请重新保存一份再传"))


def _moves() -> RuleBroken:
    return RuleBroken(_("不收会动的图片"))


def _size_of_jpeg(data: bytes) -> tuple[int, int]:
    """Walk from marker to marker to the frame, which tells the size; photos end as they like."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise _unreadable()
        marker = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in SIZES_OF_JPEG:
            height, width = struct.unpack_from(">2H", data, at + 5)
            if data.find(b"\xff\xd9", at) < 0:
                raise _unreadable()  # cut off: it never ends
            return width, height
        if marker == 0xDA or length < 2:
            raise _unreadable()
        at += 2 + length


def _size_of_png(data: bytes) -> tuple[int, int]:
    """Walk from chunk to chunk: one picture, and nothing behind its end."""
    at, size, ended = 8, (0, 0), False
    while at < len(data) and not ended:
        length, name = struct.unpack_from(">L4s", data, at)
        if at == 8:
            if name != b"IHDR" or length != 13:
                raise _unreadable()
            size = struct.unpack_from(">2L", data, at + 8)
        if name == b"acTL":
            raise _moves()
        body = memoryview(data)[at + 4 : at + 8 + length]
        if struct.unpack_from(">L", data, at + 8 + length) != (zlib.crc32(body),):
            raise _unreadable()
        ended = name == b"IEND"
        at += 12 + length
    if not ended or at != len(data):
        raise _unreadable()
    return size


def _size_of_webp(data: bytes) -> tuple[int, int]:
    """Read the size from whichever of the three kinds of WebP it is."""
    (length,) = struct.unpack_from("<L", data, 4)
    name = data[12:16]
    if length + 8 != len(data):
        raise _unreadable()
    if name == b"VP8X":
        if data[20] & 0x02:
            raise _moves()
        return _three(data, 24) + 1, _three(data, 27) + 1
    if name == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<L", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<2H", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise _unreadable()


def _three(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


def kept(folder: Path, sizes: Sequence[Drawn]) -> str:
    """Write the sizes of a picture, and return the name under which they are found."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = secrets.token_urlsafe(16)
    for one in sizes:
        place = file_of(folder, name, one.width)
        part = place.with_suffix(".part")
        part.write_bytes(one.file)
        part.chmod(0o600)
        part.replace(place)
    return name


def file_of(folder: Path, name: str, width: int) -> Path:
    """Return where a size is; the name has to come from our own tables."""
    return folder / f"{name}.{width}.webp"


def forget_all_but(folder: Path, names: Collection[str], *, young: float = YOUNG) -> int:
    """Delete the files of pictures that are no longer known; return how many."""
    gone = 0
    for file in folder.glob("*.*") if folder.is_dir() else ():
        if file.name.partition(".")[0] not in names and _age(file) >= young:
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _age(file: Path) -> float:
    """Return seconds since a file was written, by the clock of the disk that wrote it."""
    return time.time() - file.stat().st_mtime
