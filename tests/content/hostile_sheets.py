"""Spreadsheets made to do harm, each made here from nothing; none is kept anywhere."""

import io
import struct
import zipfile
from collections.abc import Callable

from core.sheets import xlsx_file

Files = dict[str, tuple[str, Callable[[], bytes]]]
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def good() -> bytes:
    """Return a small workbook as anybody would upload it."""
    return xlsx_file("名单", ["姓名", "电话"], [["样例甲", "13800000000"]])


def changed(parts: dict[str, bytes], *, stored: bool = False) -> bytes:
    """Return the good workbook with some parts replaced or added."""
    out = io.BytesIO()
    kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(io.BytesIO(good())) as old, zipfile.ZipFile(out, "w", kind) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, old.read(name)))
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


def sheet(rows: str, before: str = "") -> bytes:
    text = f'{HEAD}{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return changed({SHEET: text.encode()})


def _many_entries() -> bytes:
    return changed({f"xl/x{n}.xml": b"<a/>" for n in range(300)})


def _bomb() -> bytes:
    return changed({"xl/media/image1.png": bytes(300 * 1024 * 1024 // 8) * 1})


def _lying_bomb() -> bytes:
    """A part that says it is small, and unpacks to 40 MB."""
    data = bytearray(changed({"xl/sharedStrings.xml": b" " * 40_000_000}))
    size = struct.pack("<L", 40_000_000)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<L", 100)
    return bytes(data)


def _short_part() -> bytes:
    data = bytearray(changed({"xl/sharedStrings.xml": b"<sst/>" * 7919}))
    size = struct.pack("<L", 6 * 7919)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<L", 6 * 7919 + 5)
    return bytes(data)


def _encrypted() -> bytes:
    data = bytearray(good())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def _entities() -> bytes:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)
    )
    return sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>', bomb + "]>")


def _external_entity() -> bytes:
    return sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>',
        '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    )


def _many_rows() -> bytes:
    return sheet("".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 10**6)))


def _far_cell() -> bytes:
    return sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="5000"><c r="XFD5000"><v>1</v></c></row>'
    )


def _low_cell() -> bytes:
    return sheet('<row r="1"><c r="A1048576"><v>1</v></c></row>')


def _endless_row() -> bytes:
    return sheet('<row r="1">' + "<c><v>1</v></c>" * 5_000 + "</row>")


def _claimed_strings() -> bytes:
    """A count for which a library asked the machine for 384 GB, and the process was aborted."""
    with zipfile.ZipFile(io.BytesIO(good())) as parts:
        strings = parts.read("xl/sharedStrings.xml").decode()
    claimed = strings.replace('uniqueCount="', 'uniqueCount="4000000000').encode()
    return changed({"xl/sharedStrings.xml": claimed})


def _utf16() -> bytes:
    text = f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}"/>'
    return changed({SHEET: text.encode("utf-16")})


def _shared_strings() -> bytes:
    texts = b"".join(b"<si><t>%s</t></si>" % (b"%06d" % n * 8) for n in range(250_000))
    return changed({"xl/sharedStrings.xml": b'<sst xmlns="x">' + texts + b"</sst>"})


def _one_long_string() -> bytes:
    text = b"".join(b"%07d" % n for n in range(1_700_000))
    return changed({"xl/sharedStrings.xml": b"<sst><si><t>" + text + b"</t></si></sst>"})


def _one_long_attribute() -> bytes:
    text = b"".join(b"%07d" % n for n in range(1_400_000))
    return changed({"xl/styles.xml": b'<styleSheet x="' + text + b'"/>'})


def _macro() -> bytes:
    return changed({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def _macro_by_type() -> bytes:
    types = (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/xl/workbook.xml"'
        ' ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    )
    return changed({"[Content_Types].xml": types.encode()})


def _relation(kind: str, target: str, mode: str = "") -> bytes:
    one = f'<Relationship Id="rId1" Type="{RELATION}/{kind}" Target="{target}"{mode}/>'
    rels = f'{HEAD}<Relationships xmlns="{PACKAGE}">{one}</Relationships>'
    return changed({"xl/_rels/workbook.xml.rels": rels.encode()})


def _external_link() -> bytes:
    return _relation("externalLinkPath", "file:///etc/passwd", ' TargetMode="External"')


def _sheet_elsewhere() -> bytes:
    return _relation("worksheet", "media/image1.png")


def _formula() -> bytes:
    return sheet('<row r="1"><c r="A1"><f>HYPERLINK("http://evil.example")</f><v>1</v></c></row>')


def _twice() -> bytes:
    out = io.BytesIO(good())
    with zipfile.ZipFile(out, "a") as parts:
        parts.writestr(SHEET.upper(), b"<worksheet/>")
    return out.getvalue()


def _upwards() -> bytes:
    return changed({"../../evil.xml": b"<a/>"})


def _cut_off() -> bytes:
    return good()[:-200]


def _followed() -> bytes:
    return good() + b"<script>alert(1)</script>"


def _preceded() -> bytes:
    return MAGIC_THEN_HTML + good()


MAGIC_THEN_HTML = b"PK\x03\x04<script>alert(1)</script>"


def _other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("evil.sh", "rm -rf /")
    return out.getvalue()


def _long_number() -> bytes:
    return sheet('<row r="1"><c r="A1"><v>140702199001011234</v></c></row>')


def _bad_stream() -> bytes:
    data = bytearray(good())
    with zipfile.ZipFile(io.BytesIO(good())) as parts:
        entry = parts.getinfo(SHEET)
    at = entry.header_offset + 30 + len(SHEET)
    data[at : at + 20] = b"\xff" * 20
    return bytes(data)


def _old() -> bytes:
    return bytes.fromhex("D0CF11E0A1B11AE1") + bytes(4096)


def _rows_of_csv() -> bytes:
    return b"a,b\n" * 1_000_000


HOSTILE: Files = {
    "xlsx of 300 parts": ("太大", _many_entries),
    "xlsx that unpacks to 37 MB of nothing": ("太大", _bomb),
    "xlsx that lies about its size": ("打不开", _lying_bomb),
    "xlsx with a part shorter than it says": ("打不开", _short_part),
    "xlsx with a password": ("密码", _encrypted),
    "xlsx with nested entities": ("打不开", _entities),
    "xlsx with an external entity": ("打不开", _external_entity),
    "xlsx of a million rows": ("太大", _many_rows),
    "xlsx with a cell in the last column": ("太大", _far_cell),
    "xlsx with a cell in the last row": ("太大", _low_cell),
    "xlsx with one endless row": ("太大", _endless_row),
    "xlsx that claims 4 billion strings": ("太大", _claimed_strings),
    "xlsx in another encoding": ("打不开", _utf16),
    "xlsx with a million shared strings": ("太大", _shared_strings),
    "xlsx with one string of 12 MB": ("太大", _one_long_string),
    "xlsx with one attribute of 10 MB": ("太大", _one_long_attribute),
    "xlsx with macros": ("宏", _macro),
    "xlsx with macros by type": ("宏", _macro_by_type),
    "xlsx with an external link": ("外部链接", _external_link),
    "xlsx whose sheet is no sheet": ("打不开", _sheet_elsewhere),
    "xlsx with a formula": ("公式", _formula),
    "xlsx with a part twice": ("打不开", _twice),
    "xlsx with a part outside": ("打不开", _upwards),
    "xlsx cut off": ("打不开", _cut_off),
    "xlsx with html behind": ("打不开", _followed),
    "xlsx with html in front": ("打不开", _preceded),
    "xlsx with a broken stream": ("打不开", _bad_stream),
    "xlsx with an identity number as a number": ("长数字", _long_number),
    "zip as xlsx": ("打不开", _other_zip),
    "old xls as xlsx": ("旧格式", _old),
    "nothing as xlsx": ("只收", lambda: b""),
    "csv as xlsx": ("只收", lambda: b"a,b\n1,2\n"),
}
HOSTILE_CSV: Files = {
    "csv of a million rows": ("太大", _rows_of_csv),
    "csv of 6 MB": ("文件太大", lambda: b"a" * 6 * 1024 * 1024),
    "csv of 61 columns": ("太大", lambda: b"a," * 61),
    "csv with a NUL": ("打不开", lambda: b"a,b\x00c\n"),
    "csv in UTF-16": ("打不开", lambda: "姓名,电话\n".encode("utf-16")),
    "csv in no encoding": ("编码", lambda: bytes(range(1, 256)) * 9),
    "csv with one endless cell": ("打不开", lambda: b'"' + b"a" * 200_000),
    "csv that turns the writing": ("无法识别", "甲\u202e乙,1\n".encode),
    "csv with a shortened number": ("长数字", lambda: b"name,1.40702E+17\n"),
    "html as csv": ("打不开", lambda: b"<html><table><tr><td>=1+1</table>"),
    "pdf as csv": ("打不开", lambda: b"%PDF-1.7\n"),
    "xlsx as csv": ("只收", good),
    "empty csv": ("空的", lambda: b"\n\n"),
}
