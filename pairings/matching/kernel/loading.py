"""The compiled twin of the engine's hot loops, where a compiler was there to build it.

`scripts/build-kernel` makes it from `source/`. It is used when it was built from exactly these
sources and for these word sizes; TONGXING_KERNEL=off leaves it alone. Whatever it answers, plain
Python answers bit for bit: it is only faster.
"""

import ctypes
import hashlib
import os
import sys
from array import array
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "source"
BUILT = Path(__file__).parents[3] / "build" / "kernel" / "matching.so"
WORD = 8


def source_sum() -> str:
    """Return what the library has to have been built from."""
    files = sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.h")])
    text = b"".join(file.name.encode() + b"\0" + file.read_bytes() + b"\0" for file in files)
    return hashlib.sha256(text).hexdigest()


def compiled() -> ctypes.CDLL | None:
    """Return the compiled twin, or None where Python does it alone."""
    if os.environ.get("TONGXING_KERNEL") == "off":
        return None
    return load(BUILT)


@cache
def load(path: Path) -> ctypes.CDLL | None:
    """Return the library in a file if it is what these sources make on this machine."""
    sizes = (array("i").itemsize, array("q").itemsize, array("Q").itemsize)
    if sizes != (4, 8, 8) or ctypes.sizeof(ctypes.c_void_p) != WORD or sys.byteorder != "little":
        return None
    try:
        found = ctypes.CDLL(str(path))
        found.kernel_source.restype = ctypes.c_char_p
        found.kernel_word.restype = ctypes.c_int64
        fits = found.kernel_source() == source_sum().encode() and found.kernel_word() == WORD
    except (OSError, AttributeError):
        return None
    return _typed(found) if fits else None


def _typed(found: ctypes.CDLL) -> ctypes.CDLL:
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    for name, answer, asked in (
        ("kernel_solve", ctypes.c_int, (pointer, number, pointer, number, pointer)),
        ("kernel_mend", ctypes.c_int, (pointer, pointer, pointer, pointer)),
        ("kernel_cells", number, (pointer,)),
        ("kernel_peak", number, (pointer,)),
        ("kernel_tell", None, (pointer, pointer)),
        ("kernel_end", None, (pointer,)),
        ("kernel_underpaid", number, (pointer, pointer, pointer, pointer)),
        ("field_new", ctypes.c_int, (pointer, pointer)),
        ("field_more_than", number, (pointer, number)),
        ("field_first", number, (pointer, number, number, number, pointer, pointer)),
        ("field_missing", number, (pointer, pointer, number, pointer, pointer)),
        ("field_end", None, (pointer,)),
        ("turns_new", ctypes.c_int, (pointer, pointer, pointer, pointer)),
        ("turns_next", number, (pointer,)),
        ("turns_pairs", number, (pointer, pointer, pointer)),
        ("turns_end", None, (pointer,)),
    ):
        function = getattr(found, name)
        function.restype, function.argtypes = answer, asked
    return found


class Struct:
    """Columns and numbers as the library reads them: eight bytes each, in the order given.

    It holds what it points to for as long as it lives.
    """

    def __init__(self, *fields: "int | array[Any] | Struct") -> None:
        self.fields = fields
        self.words = array("q", [_word(field) for field in fields])

    @property
    def address(self) -> int:
        return self.words.buffer_info()[0]


def _word(field: "int | array[Any] | Struct") -> int:
    if isinstance(field, Struct):
        return field.address
    return field if isinstance(field, int) else field.buffer_info()[0]


def addresses(columns: Iterable["array[Any]"]) -> "array[int]":
    return array("Q", [column.buffer_info()[0] for column in columns])
