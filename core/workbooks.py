"""What an .xlsx file really holds, found out before a library opens it (safety.md T11).

A workbook is a zip of XML files, and both can grow: 42 kB to 4 GB, one cell in the last row to a
table of 17 billion. So the directory of the zip is read first, then every part is unpacked in
small pieces by what was declared and looked through: never whole, never by a parser that follows
declarations. Only then may a library have it.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from core.errors import RuleBroken
from core.i18n import _

MAGIC = b"PK\x03\x04"
END = struct.Struct("<4s4H2LH")
"""The end of a zip: signature, four counts, size and place of the directory, comment length."""
LOCAL = struct.Struct("<4s5H3L2H")
MOST_ENTRIES = 200
LONGEST_DIRECTORY = 64 * 1024
MOST_UNPACKED = 50 * 1024 * 1024
MOST_RATIO = 100
MOST_ROWS = 5_000
MOST_COLUMNS = 60
MOST_CELLS = 60_000
MOST_ELEMENTS = 300_000
MOST_TEXT = 10 * 1024 * 1024
LONGEST_TOKEN = 1024 * 1024
PIECE = 64 * 1024
CLAIMS = ("count", "uniqueCount")
NEEDED = {"[content_types].xml", "xl/workbook.xml"}
HARMLESS = re.compile(r".*\.(?:xml|rels|vml|png|jpe?g|gif|emf|wmf)|xl/printersettings/[^/]*\.bin")
"""Parts a plain workbook has; of these only XML is ever read."""
LIVING = re.compile(r"macro|vba|externallink|activex|embeddings|ctrlprops|connections|querytables")
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def refuse_unless_plain(data: bytes) -> None:
    """Refuse a workbook that is anything but a small table. Raises RuleBroken."""
    _look_at_the_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            entries = parts.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise broken() from error
    _look_at_the_directory(entries, len(data))
    seen = _Seen()
    for entry in entries:
        pieces = _unpacked(data, entry)
        if entry.filename.lower().endswith((".xml", ".rels")):
            seen.look_through(pieces)
        else:
            for _piece in pieces:
                pass


def broken() -> RuleBroken:
    return RuleBroken(_("这个表格文件打不开：可能不完整，请重新保存一份再上传"))


def _living() -> RuleBroken:
    return RuleBroken(_("表格里有宏、外部链接或嵌入的内容，请另存为普通的 .xlsx 再上传"))


def too_large() -> RuleBroken:
    return RuleBroken(
        _(
            "表格太大：最多 %(rows)d 行、%(columns)d 列，请分成几个文件",
            rows=MOST_ROWS,
            columns=MOST_COLUMNS,
        )
    )


def _look_at_the_end(data: bytes) -> None:
    """Refuse a directory that is long, elsewhere, in several files, or followed by something."""
    if len(data) < END.size or not data.startswith(MAGIC):
        raise broken()
    sign, disk, first_disk, here, total, size, place, comment = END.unpack(data[-END.size :])
    if sign != b"PK\x05\x06" or disk or first_disk or here != total or comment:
        raise broken()
    if total > MOST_ENTRIES or size > LONGEST_DIRECTORY:
        raise too_large()
    if place + size + END.size != len(data):
        raise broken()


def _look_at_the_directory(entries: list[zipfile.ZipInfo], packed: int) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names) or not set(names) >= NEEDED:
        raise broken()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise RuleBroken(_("表格加了密码，请去掉密码再上传"))
    if any(LIVING.search(name) for name in names):
        raise _living()
    if any(name.startswith("/") or ".." in name or not HARMLESS.fullmatch(name) for name in names):
        raise broken()
    if any(
        entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries
    ):
        raise broken()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > min(MOST_UNPACKED, MOST_RATIO * packed):
        raise too_large()


def _unpacked(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in small pieces; one that is not as long as it says is refused."""
    start = entry.header_offset
    if start + LOCAL.size > len(data):
        raise broken()
    sign, *_rest, name, extra = LOCAL.unpack(data[start : start + LOCAL.size])
    start += LOCAL.size + name + extra
    packed = memoryview(data)[start : start + entry.compress_size]
    if sign != MAGIC or len(packed) != entry.compress_size:
        raise broken()
    got = 0
    for piece in _inflated(packed) if entry.compress_type else _cut(packed):
        got += len(piece)
        if got > entry.file_size:
            raise broken()
        yield piece
    if got != entry.file_size:
        raise broken()


def _cut(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), PIECE):
        yield bytes(packed[at : at + PIECE])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in _cut(packed):
            rest = piece
            while rest:
                yield stream.decompress(rest, PIECE)
                rest = stream.unconsumed_tail
        yield stream.flush()
    except zlib.error as error:
        raise broken() from error
    if not stream.eof or stream.unused_data:
        raise broken()


class _Seen:
    """What the parts of one workbook add up to."""

    def __init__(self) -> None:
        self.elements = self.cells = self.strings = self.text = 0
        self.row = self.column = 0

    def look_through(self, pieces: Iterator[bytes]) -> None:
        """Go through one XML part. Raises RuleBroken."""
        parser = expat.ParserCreate("UTF-8")
        self.row = self.column = 0
        parser.StartElementHandler = self._element
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._declaration
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        fed = 0
        try:
            for piece in pieces:
                if b"\x00" in piece:  # UTF-16 would be read as one thing here, as another there
                    raise broken()
                parser.Parse(piece, False)  # noqa: FBT003 - expat's own signature
                fed += len(piece)
                if fed - max(parser.CurrentByteIndex, 0) > LONGEST_TOKEN:
                    raise too_large()
            parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature
        except expat.ExpatError as error:
            raise broken() from error

    def _declaration(self, *_declared: object) -> None:
        raise broken()

    def _characters(self, text: str) -> None:
        self.text += len(text)
        if self.text > MOST_TEXT:
            raise too_large()

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise too_large()
        claims = [attributes.get(claim, "0") for claim in CLAIMS] if attributes else ()
        if any(map(_is_long, claims)):
            raise too_large()  # libraries make room for as many as are claimed
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._row(attributes.get("r"))
        elif kind == "c":
            self._cell(attributes.get("r"))
        elif kind == "si":
            self.strings += 1
            if self.strings > MOST_CELLS:
                raise too_large()  # no more texts than cells that could hold them
        elif kind in {"f", "oleObject", "control", "ddeLink"}:
            raise _formula() if kind == "f" else _living()
        elif kind == "Relationship":
            _relationship(attributes)
        elif kind in {"Override", "Default"}:
            _content_type(attributes)

    def _row(self, number: str | None) -> None:
        """Count a row; without a number of its own it follows the last one."""
        self.row = self.row + 1 if number is None else _place(number)
        self.column = 0
        if self.row > MOST_ROWS + 1:
            raise too_large()

    def _cell(self, place: str | None) -> None:
        self.cells += 1
        if place is None:
            self.column += 1
        else:
            found = CELL.fullmatch(place)
            if found is None:
                raise broken()
            self.column = column_number(found[1])
            self.row = _place(found[2])
        if self.cells > MOST_CELLS or self.column > MOST_COLUMNS or self.row > MOST_ROWS + 1:
            raise too_large()


def _is_long(claim: str) -> bool:
    return not claim.isascii() or not claim.isdigit() or len(claim) > 7 or int(claim) > MOST_CELLS


def _place(number: str) -> int:
    if not number.isascii() or not number.isdigit() or len(number) > 7:
        raise broken()
    return int(number)


def _formula() -> RuleBroken:
    return RuleBroken(_("表格里有公式，请复制后“只粘贴数值”，再上传"))


def _relationship(attributes: dict[str, str]) -> None:
    """Links that a person may click are not followed; whatever else leads outside is refused."""
    kind = attributes.get("Type", "").rpartition("/")[2]
    if attributes.get("TargetMode") == "External" and kind != "hyperlink":
        raise _living()
    target = attributes.get("Target", "")
    if kind in {"worksheet", "sharedStrings", "styles"} and not target.lower().endswith(".xml"):
        raise broken()


def _content_type(attributes: dict[str, str]) -> None:
    if LIVING.search(attributes.get("ContentType", "").lower()):
        raise _living()


def column_number(letters: str) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
