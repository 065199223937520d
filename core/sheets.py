"""Spreadsheets: none is opened before it was looked at, and none that leaves calculates anything.

A name such as `=cmd|…` is somebody's text here and a command in a spreadsheet program. It gets an
apostrophe in front in both formats: a workbook is soon saved as CSV, and opened again.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time

import xlsxwriter
from python_calamine import CalamineError, load_workbook

from core import clock, workbooks
from core.errors import RuleBroken
from core.forms import UNTYPABLE
from core.i18n import _

CALCULATES = "=+-@\t\r＝＋－＠"
BLANK = " \u00a0\u3000\u200b\ufeff\n"
"""What a spreadsheet program passes over before it looks for a formula."""
LONGEST_CELL = 32_767
LONGEST_FOOTER = 120
"""A workbook holds 255 characters, of which each & takes two."""
LONGEST_READ = 2_000
MOST_BYTES = 5 * 1024 * 1024
OLD_WORKBOOK = bytes.fromhex("D0CF11E0A1B11AE1")
EXACT = 1e15
"""A spreadsheet keeps 15 digits of a number: of an identity number it makes another one."""
SHORTENED = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d+")

Cell = str | int | float | None


def neutral(cell: Cell) -> Cell:
    """Return what may stand in a cell: a text that would be calculated gets an apostrophe.

    Numbers stay numbers; only text can be something else than it says.
    """
    if not isinstance(cell, str):
        return cell
    bare = cell.lstrip(BLANK)
    return "'" + cell if bare and bare[0] in CALCULATES else cell


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, note: str = "") -> bytes:
    """Return a table as CSV that spreadsheet programs read as UTF-8; a note stands on top."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in (*([[note]] if note else []), header, *rows):
        writer.writerow(["" if cell is None else neutral(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_file(
    title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, note: str = ""
) -> bytes:
    """Return a table as a workbook of one sheet, whose texts are texts whatever they look like.

    A note stands on top, and at the foot of every page that is printed.

    Raises ValueError for a text longer than a cell can hold, rather than leave it out.
    """
    file = io.BytesIO()
    book = _book(file)
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True})
    top = 1 if note else 0
    if note:
        sheet.write_string(0, 0, str(neutral(note)))
        sheet.set_footer("&L" + note[:LONGEST_FOOTER].replace("&", "&&"))
        sheet.repeat_rows(top)
    for column, name in enumerate(header):
        sheet.write_string(top, column, str(neutral(name)), bold)
    for number, row in enumerate(rows, top + 1):
        for column, cell in enumerate(row):
            _write(sheet, (number, column), neutral(cell))
    sheet.freeze_panes(top + 1, 0)
    book.close()
    return file.getvalue()


def blank_file(
    title: str, example: Mapping[str, str], choices: Mapping[str, Sequence[str]]
) -> bytes:
    """Return a workbook to fill in: a header with an example below, every column for texts.

    `example` tells by column what stands in its first row, `choices` what may be picked.
    """
    file = io.BytesIO()
    book = _book(file)
    sheet = book.add_worksheet(title)
    bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for column, (name, text) in enumerate(example.items()):
        sheet.set_column(column, column, 24, as_text)
        sheet.write_string(0, column, str(neutral(name)), bold)
        _write(sheet, (1, column), neutral(text))
        if name in choices:
            listed = {"validate": "list", "source": list(choices[name]), "ignore_blank": True}
            sheet.data_validation(1, column, workbooks.MOST_ROWS, column, listed)
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def _book(file: io.BytesIO) -> xlsxwriter.Workbook:
    as_text = {"strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, {"in_memory": True} | as_text)
    book.set_properties({"created": clock.now().replace(tzinfo=None)})
    return book


def _write(sheet: xlsxwriter.worksheet.Worksheet, at: tuple[int, int], cell: Cell) -> None:
    if cell is None:
        return
    if not isinstance(cell, str):
        sheet.write_number(*at, cell)
    elif len(cell) > LONGEST_CELL:
        raise ValueError(f"the text in row {at[0]}, column {at[1]} is longer than a cell holds")
    else:
        sheet.write_string(*at, cell)


def refuse_at_once(data: bytes, name: str) -> str:
    """Refuse what is seen to be none of our tables without opening it; return its kind.

    Raises RuleBroken.
    """
    if len(data) > MOST_BYTES:
        raise RuleBroken(_("文件太大，最多 %(most)d MB", most=MOST_BYTES // 1024 // 1024))
    ending = name.lower().rpartition(".")[2]
    if data.startswith(OLD_WORKBOOK):
        raise RuleBroken(_("这是旧格式或加了密码的表格，请另存为没有密码的 .xlsx 再上传"))
    if ending not in {"xlsx", "csv"} or (ending == "xlsx") != data.startswith(workbooks.MAGIC):
        raise RuleBroken(_("只收 .xlsx 和 .csv 表格，内容要和文件名一致"))
    return ending


def read(data: bytes, name: str) -> list[list[str]]:
    """Return the texts of an uploaded table, row by row; of a workbook its first sheet.

    Nothing is guessed: a number that a spreadsheet has cut short, a formula, an unknown encoding
    are refused in words that say what to do. Raises RuleBroken.
    """
    ending = refuse_at_once(data, name)
    rows = _of_workbook(data) if ending == "xlsx" else _of_csv(data)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise RuleBroken(_("表格是空的"))
    return rows


def _of_workbook(data: bytes) -> list[list[str]]:
    workbooks.refuse_unless_plain(data)
    try:
        cells = (
            load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except (CalamineError, ValueError, IndexError) as error:
        raise workbooks.broken() from error
    return [
        [_text(cell, (row, column)) for column, cell in enumerate(line, 1)]
        for row, line in enumerate(cells, 1)
    ]


def _text(cell: object, at: tuple[int, int]) -> str:
    """Return a cell as people read it; a whole number without its decimals."""
    if isinstance(cell, float):
        if abs(cell) >= EXACT:
            raise _cut_short(at)
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return _typable(str(cell).strip(), at)


def _cut_short(at: tuple[int, int]) -> RuleBroken:
    return RuleBroken(
        _(
            "第 %(row)d 行第 %(column)d 列的长数字已被表格软件改动，请把这一列设为“文本”重新填写",
            row=at[0],
            column=at[1],
        )
    )


def _typable(text: str, at: tuple[int, int]) -> str:
    if UNTYPABLE.search(text) or len(text) > LONGEST_READ:
        raise RuleBroken(
            _("第 %(row)d 行第 %(column)d 列有无法识别的字符或太长", row=at[0], column=at[1])
        )
    return text


def _of_csv(data: bytes) -> list[list[str]]:
    rows = []
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(_decoded(data), newline=""), strict=True), 1
        ):
            if number > workbooks.MOST_ROWS + 1 or len(row) > workbooks.MOST_COLUMNS:
                raise workbooks.too_large()
            rows.append([_csv_text(cell, (number, column)) for column, cell in enumerate(row, 1)])
    except csv.Error as error:
        raise workbooks.broken() from error
    return rows


def _csv_text(cell: str, at: tuple[int, int]) -> str:
    text = cell.strip()
    if SHORTENED.fullmatch(text):
        raise _cut_short(at)
    return _typable(text, at)


def _decoded(data: bytes) -> str:
    """Return the text of a CSV in one of the two encodings that our spreadsheets write."""
    if b"\x00" in data or data.lstrip()[:1] in {b"<", b"{"} or data.startswith(b"%PDF"):
        raise workbooks.broken()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleBroken(_("文字编码认不出来，请另存为 UTF-8 编码的 CSV 或 .xlsx 再上传"))
